import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const SRC = import.meta.dirname;
const CORE = new Set(['users', 'auth', 'organizations', 'audit', 'health']);

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = globSync('**/*.ts', { cwd: SRC }).filter(
  (file) => !/\.test\.ts$|\.suite\.ts$|^testing\//.test(file),
);
const text = new Map(files.map((file) => [file, readFileSync(join(SRC, file), 'utf8')]));

const imports: Import[] = files.flatMap((from) =>
  [
    ...(text.get(from) ?? '').matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm),
  ].map(([, type, to = '']) => ({
    from,
    to: to.startsWith('.') ? relative(SRC, join(SRC, dirname(from), to)) : to,
    typeOnly: type !== undefined,
  })),
);
const moduleOf = (path: string): string | undefined => /^modules\/([^/]+)\//.exec(path)?.[1];
const show = ({ from, to }: Import) => `${from} → ${to}`;
const filesWith = (pattern: RegExp) => files.filter((file) => pattern.test(text.get(file) ?? ''));

describe('the rules of the house', () => {
  test('the files and imports were found at all', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(150);
  });

  test('the platform knows no module', () => {
    expect(
      imports
        .filter(({ from, to }) => from.startsWith('platform/') && /^(modules|http|realtime)\//.test(to))
        .map(show),
    ).toEqual([]);
  });

  test('only compose.ts imports modules; nothing else outside them does', () => {
    const outside = imports.filter(
      ({ from, to }) => moduleOf(to) && !moduleOf(from) && from !== 'compose.ts',
    );
    expect(outside.map(show)).toEqual([]);
  });

  test("a module imports another one as types from its index only, and core modules no optional one's", () => {
    const across = imports.filter(
      ({ from, to }) => moduleOf(from) && moduleOf(to) && moduleOf(from) !== moduleOf(to),
    );
    const wrong = across.filter(
      ({ from, to, typeOnly }) =>
        !typeOnly ||
        !to.endsWith('/index.ts') ||
        (CORE.has(moduleOf(from) ?? '') && !CORE.has(moduleOf(to) ?? '')),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  test('only config reads the environment', () => {
    expect(filesWith(/process\.env/).filter((file) => !file.startsWith('config/'))).toEqual([]);
  });

  test('Prisma and SQL stay in repositories, the audit trail, the outbox and the platform', () => {
    const sql = filesWith(
      /\b(?:INSERT INTO|UPDATE \w+ SET|DELETE FROM|SELECT .+ FROM)\b|\bprisma\.\w+\.\w+\(/,
    );
    expect(sql.filter((file) => !file.endsWith('.repository.ts') && file !== 'platform/outbox.ts')).toEqual(
      [],
    );
  });

  test('requests and replies of Express stay in http/ (and app.ts, which orders the middlewares)', () => {
    const express = imports.filter(
      ({ from, to }) => to === 'express' && !from.startsWith('http/') && from !== 'app.ts',
    );
    expect(express.map(show)).toEqual([]);
  });

  test('services know no HTTP status', () => {
    const services = files.filter((file) => file.endsWith('.service.ts'));
    expect(services.filter((file) => /\bstatus\b|\bres\.|\breq\./.test(text.get(file) ?? ''))).toEqual([]);
  });

  test('no import goes in a circle', () => {
    const graph = new Map(
      files.map((file) => [
        file,
        imports.filter(({ from, typeOnly }) => from === file && !typeOnly).map(({ to }) => to),
      ]),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (path.includes(file) || done.has(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });

  test('every source file stays under 400 lines', () => {
    expect(files.filter((file) => (text.get(file) ?? '').split('\n').length > 400)).toEqual([]);
  });
});
