/** A build that is older than the source is noticed: a small repository of its own, built by the real Turborepo. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { judgeBuilds, staleBuilds } from './build-stamp.ts';

const STAMP = resolve(import.meta.dirname, 'build-stamp.ts');
const TURBO = createRequire(import.meta.url).resolve('turbo/bin/turbo');
const APPS = ['apps/api', 'apps/page'];

let root: string;
const write = (path: string, content: unknown): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
};
const node = (args: string[], cwd = root) =>
  execFileSync(process.execPath, args, {
    cwd,
    stdio: 'pipe',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  });
const build = () => node([TURBO, 'run', 'build']);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'plinth-stale-'));
  write('package.json', {
    name: 'small',
    packageManager: 'npm@11.19.1',
    workspaces: ['apps/*', 'packages/*'],
  });
  write('package-lock.json', {
    name: 'small',
    lockfileVersion: 3,
    packages: {
      '': { name: 'small', workspaces: ['apps/*', 'packages/*'] },
      'apps/api': { name: 'api', dependencies: { words: '*' } },
      'apps/page': { name: 'page' },
      'packages/words': { name: 'words' },
      'node_modules/api': { resolved: 'apps/api', link: true },
      'node_modules/page': { resolved: 'apps/page', link: true },
      'node_modules/words': { resolved: 'packages/words', link: true },
    },
  });
  write('turbo.json', { tasks: { build: { dependsOn: ['^build'], outputs: ['dist/**'] } } });
  write('.gitignore', 'dist\nnode_modules\n.turbo\n');
  const scripts = { build: `mkdir -p dist && cp main.js dist && "${process.execPath}" "${STAMP}"` };
  write('apps/api/package.json', { name: 'api', scripts, dependencies: { words: '*' } });
  write('apps/page/package.json', { name: 'page', scripts });
  write('packages/words/package.json', { name: 'words', scripts });
  for (const folder of [...APPS, 'packages/words']) write(`${folder}/main.js`, '1');
  execFileSync('git', ['init', '-q'], { cwd: root });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('a change of the source makes the build stale, a change back, or of times alone, does not', async () => {
  expect(await staleBuilds(root, APPS)).toEqual(APPS);
  build();
  expect(await staleBuilds(root, APPS)).toEqual([]);

  write('apps/page/main.js', '2');
  expect(await staleBuilds(root, APPS)).toEqual(['apps/page']);
  write('apps/page/main.js', '1');
  expect(await staleBuilds(root, APPS)).toEqual([]);
  utimesSync(join(root, 'apps/page/main.js'), new Date(), new Date());
  expect(await staleBuilds(root, APPS)).toEqual([]);
});

test('so does a change of a package that it depends on', async () => {
  build();
  write('packages/words/main.js', '2');
  expect(await staleBuilds(root, APPS)).toEqual(['apps/api']);
  build();
  expect(await staleBuilds(root, APPS)).toEqual([]);
});

test('what comes out of the cache is known by what it holds', async () => {
  write('apps/api/main.js', 'older');
  build();
  write('apps/api/main.js', 'newer');
  build();
  write('apps/api/main.js', 'older');
  // In the cache, but not in the folder.
  expect(await staleBuilds(root, APPS)).toEqual(['apps/api']);
  build();
  expect(readFileSync(join(root, 'apps/api/dist/main.js'), 'utf8')).toBe('older');
  expect(await staleBuilds(root, APPS)).toEqual([]);
});

test('a build that was made past Turborepo counts as stale, for nobody knows', async () => {
  build();
  node([STAMP], join(root, 'apps/page'));
  expect(await staleBuilds(root, APPS)).toEqual(['apps/page']);
});

test('the warning names what is stale and the command; without a plan it says so', async () => {
  build();
  expect(await judgeBuilds(root, APPS)).toBeUndefined();
  write('packages/words/main.js', '3');
  write('apps/page/main.js', '3');
  expect(await judgeBuilds(root, APPS)).toMatch(/apps\/api and apps\/page has changed.*"npm run build"/);
  write('turbo.json', '{');
  expect(await judgeBuilds(root, APPS)).toMatch(/could not be found out/);
});
