/** What can be said of the Dockerfiles without Docker; `npm run image:check` builds them. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const dockerfiles = globSync('infra/docker/*.Dockerfile', { cwd: root }).sort();

/** What the frontend inside Docker 20.10 knows, the oldest engine with BuildKit by default on its side. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  COPY: ['from', 'chown'],
  RUN: ['mount'],
  HEALTHCHECK: ['interval', 'timeout', 'start-period', 'retries'],
};

/** Instructions with their flags; comments and continued lines are put together first. */
const instructions = (text: string) =>
  text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', ...words] = line.trim().split(/\s+/);
      const end = words.findIndex((word) => !word.startsWith('--'));
      const flags = words.slice(0, end).map((word) => /^--([\w-]+)/.exec(word)?.[1] ?? word);
      return { name, flags, words: words.slice(end) };
    });

test('there are two', () => expect(dockerfiles).toHaveLength(2));

describe.each(dockerfiles)('%s', (path) => {
  const text = read(path);
  const lines = instructions(text);

  test('needs no other frontend than the one of the engine', () => {
    expect(text).not.toMatch(/^#\s*syntax\s*=/m);
    expect(text).not.toContain('<<');
    const unknown = lines.flatMap(({ name, flags }) =>
      flags.filter((flag) => !FLAGS[name]?.includes(flag)).map((flag) => `${name} --${flag}`),
    );
    expect(unknown).toEqual([]);
  });

  test('copies from stages that it has, and starts each from an image or a stage', () => {
    const stages = lines.filter(({ name }) => name === 'FROM').map(({ words }) => words[2]);
    const sources = [...text.matchAll(/--from=(\S+)/g)].map(([, stage]) => stage);
    expect(sources.length).toBeGreaterThan(1);
    expect(sources.filter((stage) => !stages.includes(stage))).toEqual([]);
    for (const [, , stage] of text.matchAll(/^ARG (PREVIOUS)=(\S+)$/gm)) expect(stages).toContain(stage);
  });

  test('installs from the manifests of every workspace before the code is there', () => {
    const order = lines.map(({ name, words }) => `${name} ${words.join(' ')}`);
    const at = (part: string) => order.findIndex((line) => line.includes(part));
    expect(at('find . -name package.json')).toBeGreaterThan(0);
    expect(at('RUN npm ci')).toBeGreaterThan(at('COPY /manifests ./'));
    expect(at('turbo run build')).toBeGreaterThan(at('RUN npm ci'));
  });

  test('ends as a user without rights, by number', () => {
    expect(lines.findLast(({ name }) => name === 'USER')?.words.join('')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });
});

test('the compose file asks for nothing that needs a newer engine', () => {
  expect(read('infra/docker/compose.yaml')).not.toContain('start_interval');
});
