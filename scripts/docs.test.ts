import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isTestKind, matching, testFiles } from './test-files.ts';

const ROOT = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(resolve(ROOT, path), 'utf8');
const { scripts } = JSON.parse(read('package.json'));
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: ROOT })];

describe.each(pages)('%s', (page) => {
  const text = read(page);

  test('names only paths that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) =>
      resolve(ROOT, dirname(page), path),
    );
    const quoted = [
      ...text.matchAll(/`((?:apps|packages|prisma|infra|k6|scripts|docs)\/[\w./-]+\.\w+)`/g),
    ].map(([, path = '']) => resolve(ROOT, path));
    expect([...links, ...quoted].filter((path) => !existsSync(path))).toEqual([]);
  });

  test('names only npm commands that exist, with files that exist', () => {
    const commands = [
      ...text.matchAll(/npm (?:run ([\w:-]+)|(test|start))(?![\w:-])( *--workspace[ =](\S+))?/g),
    ];
    const unknown = commands.filter(([, run, short = '', , workspace]) => {
      const known = workspace === undefined ? scripts : JSON.parse(read(`${workspace}/package.json`)).scripts;
      return !((run ?? short) in known);
    });
    expect(unknown.map(([command]) => command)).toEqual([]);
  });

  test('names only tests that a filter finds', () => {
    const filters = [...text.matchAll(/npm run test:(\w+) -- ([\w./-]+)/g)];
    const nothing = filters.filter(
      ([, kind, filter = '']) =>
        !isTestKind(kind) || matching(testFiles(kind, ROOT), filter, ROOT).length === 0,
    );
    expect(nothing.map(([command]) => command)).toEqual([]);
  });
});

test('every command of the root is explained in README or CONTRIBUTING', () => {
  const text = read('README.md') + read('CONTRIBUTING.md');
  expect(
    Object.keys(scripts).filter((name) => !new RegExp(`npm (?:run )?${name}(?![\\w:-])`).test(text)),
  ).toEqual([]);
});

test('every proof is a file or a command, and every claim has one', () => {
  const rows = read('docs/proofs.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| claim'));
  expect(rows.length).toBeGreaterThan(25);
  for (const row of rows)
    expect(row.split('|')[2]).toMatch(/`(?:[\w./-]+\.(?:test|e2e|suite)\.ts|[\w./-]+\.e2e\.ts|npm run \w+)`/);
});

describe('docs/security/asvs.md', () => {
  const rows = read('docs/security/asvs.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/\| (?:shown by|what must hold) \|/.test(line));

  test('says of each line what shows it, or that it is open and why', () => {
    expect(rows.length).toBeGreaterThan(100);
    const undecided = rows.filter((row) => !/\*\*open\*\*: \w|`[\w./-]+\.ts` “[^”]+”/.test(row));
    expect(undecided).toEqual([]);
  });

  test('names tests that exist under that title', () => {
    const proofs = rows.flatMap((row) => [...row.matchAll(/`([\w./-]+\.ts)` “([^”]+)”/g)]);
    const missing = proofs.filter(
      ([, file = '', title = '']) =>
        !existsSync(resolve(ROOT, file)) || !read(file).replaceAll("\\'", "'").includes(title),
    );
    expect(missing.map(([proof]) => proof)).toEqual([]);
  });
});
