import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { freePort, isSame, markOf, type ProcessMark } from '@plinth/dev-services';

const PATIENCE_MS = 30_000;

/** A server package `app` that imports a package `words`, both under version control. */
let project: string;
let port: number;
let dev: ReturnType<typeof startWatching>;

const put = (path: string, text: string): void => writeFileSync(join(project, path), text);
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], {
    cwd: project,
    stdio: 'ignore',
  });
const words = (text: string): string => `export const words = '${text}';\n`;

/** Ends slowly, so that a restart that does not wait finds its port in use. */
const SERVER = `
import { createServer } from 'node:http';
import { existsSync } from 'node:fs';
import { words } from '@plinth/words';
const extra = existsSync(new URL('./extra.ts', import.meta.url)) ? (await import('./extra.ts')).extra : 'none';
const server = createServer((_, reply) => reply.end(JSON.stringify({ words, extra, color: process.env.COLOR, pid: process.pid })));
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => setTimeout(() => process.exit(0), 300));
`;

function startWatching() {
  const watcher = `
    import { readFileSync } from 'node:fs';
    import { parseEnv } from 'node:util';
    import { onStopRequest, startProcess } from ${JSON.stringify(new URL('../packages/dev-services/src/index.ts', import.meta.url).href)};
    import { runWatched, sourceFolders } from ${JSON.stringify(new URL('./watch.ts', import.meta.url).href)};
    const stopping = new AbortController();
    onStopRequest({ stop: () => stopping.abort() });
    await runWatched({
      paths: [...sourceFolders('packages/app', process.cwd()), '.env'],
      root: process.cwd(),
      signal: stopping.signal,
      start: () => startProcess({
        command: process.execPath,
        args: ['packages/app/src/main.ts'],
        env: { ...process.env, ...parseEnv(readFileSync('.env', 'utf8')) },
        output: 'inherit',
      }),
    });
  `;
  const child = spawn(
    process.execPath,
    ['--conditions=development', '--input-type=module-typescript', '--eval', watcher],
    {
      cwd: project,
      env: { ...process.env, PORT: `${port}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return { child, ended: once(child, 'close'), output: () => output };
}

const ask = async (): Promise<Record<string, unknown>> => {
  const reply = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
  return reply === undefined ? {} : ((await reply.json()) as Record<string, unknown>);
};

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Never: ${what}. The watcher said:\n${dev.output()}`);
    await sleep(25);
  }
}
const untilSays = (wanted: Record<string, unknown>) =>
  until(JSON.stringify(wanted), async () => {
    const said = await ask();
    return Object.entries(wanted).every(([name, value]) => said[name] === value);
  });

beforeEach(async () => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-watch-')));
  port = await freePort();
  for (const folder of ['packages/app/src', 'packages/words/src', 'node_modules/@plinth'])
    mkdirSync(join(project, folder), { recursive: true });
  symlinkSync('../../packages/words', join(project, 'node_modules/@plinth/words'));
  put('.gitignore', 'node_modules\n');
  put('.env', 'COLOR=red\n');
  put('packages/app/package.json', '{ "type": "module", "dependencies": { "@plinth/words": "*" } }');
  put(
    'packages/words/package.json',
    '{ "name": "@plinth/words", "type": "module", "exports": "./src/index.ts" }',
  );
  put('packages/app/src/main.ts', SERVER);
  put('packages/words/src/index.ts', words('committed'));
  git('init', '-q');
  git('add', '.');
  git('commit', '-q', '-m', 'all');
  dev = startWatching();
  await untilSays({ words: 'committed', extra: 'none', color: 'red' });
});

afterEach(async () => {
  dev.child.kill('SIGTERM');
  await dev.ended;
  rmSync(project, { recursive: true, force: true });
});

test('a change shows however the file was replaced, again and again, also in a package that is imported', async () => {
  const file = 'packages/words/src/index.ts';
  for (const round of ['first', 'second', 'third']) {
    put(file, words(`${round}, written in place`));
    await untilSays({ words: `${round}, written in place` });

    put(`${file}.new`, words(`${round}, renamed over`));
    renameSync(join(project, `${file}.new`), join(project, file));
    await untilSays({ words: `${round}, renamed over` });

    execFileSync('sed', ['-i', `s/renamed over/edited by sed/`, file], { cwd: project });
    await untilSays({ words: `${round}, edited by sed` });

    git('checkout', '--', file);
    await untilSays({ words: 'committed' });

    // As editors with a backup copy save: away with the old one, then a new one.
    renameSync(join(project, file), join(project, `${file}~`));
    put(file, words(`${round}, with a backup`));
    await untilSays({ words: `${round}, with a backup` });

    rmSync(join(project, file));
    put(file, words(`${round}, deleted and created`));
    await untilSays({ words: `${round}, deleted and created` });
  }
  expect(dev.output()).not.toMatch(/EADDRINUSE/);
});

test('new and deleted files and the secrets count, too', async () => {
  put('packages/app/src/extra.ts', "export const extra = 'there';\n");
  await untilSays({ extra: 'there' });
  rmSync(join(project, 'packages/app/src/extra.ts'));
  await untilSays({ extra: 'none' });

  mkdirSync(join(project, 'packages/words/src/deep/er'), { recursive: true });
  put('packages/words/src/deep/er/one.ts', words('from a new folder'));
  put('packages/words/src/index.ts', "export { words } from './deep/er/one.ts';\n");
  await untilSays({ words: 'from a new folder' });
  put('packages/words/src/deep/er/one.ts', words('changed in a new folder'));
  await untilSays({ words: 'changed in a new folder' });

  for (const color of ['green', 'blue']) {
    put('.env.new', `COLOR=${color}\n`);
    renameSync(join(project, '.env.new'), join(project, '.env'));
    await untilSays({ color });
  }
});

test('a mistake is told, the next save mends it, and a test file restarts nothing', async () => {
  put('packages/words/src/index.ts', 'export const words = ;\n');
  await until('a word about the mistake', () =>
    /SyntaxError[\s\S]*Ended with code 1: starts again/.test(dev.output()),
  );
  put('packages/words/src/index.ts', words('mended'));
  await untilSays({ words: 'mended' });

  put('packages/words/src/index.test.ts', '// nothing that runs\n');
  // A change that counts comes later, and its burst would be named after the test file if that counted, too.
  put('packages/words/src/index.ts', words('after the test file'));
  await untilSays({ words: 'after the test file' });
  expect(dev.output()).toContain('packages/words/src/index.ts has changed: restarting.');
  expect(dev.output()).not.toContain('index.test.ts has changed');
});

test('a burst of changes is one restart, and Ctrl-C leaves no process', async () => {
  const restarts = () => dev.output().split('restarting').length - 1;
  for (let n = 0; n < 20; n += 1) put(`packages/words/src/file-${n}.ts`, `export const n = ${n};\n`);
  put('packages/words/src/index.ts', words('after the burst'));
  await untilSays({ words: 'after the burst' });
  // One, unless this machine is so busy that the burst had pauses.
  expect(restarts()).toBeLessThan(5);

  const { pid } = await ask();
  const mark = markOf(Number(pid)) as ProcessMark;
  dev.child.kill('SIGINT');
  expect(await dev.ended).toEqual([0, null]);
  expect(isSame(mark)).toBe(false);
});
