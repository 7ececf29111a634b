import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { productionEnv } from './testing/built-app.ts';
import { createTestDatabase } from './testing/create-test-app.ts';
import { until } from './testing/until.ts';

const DIST = resolve(import.meta.dirname, '../dist');
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let child: ChildProcess | undefined;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  child?.kill('SIGKILL');
  child = undefined;
  await database.drop();
});

/** The API whose log goes to this output; a number is an open file. */
async function start(output: number | 'pipe', env: Record<string, string> = {}) {
  const production = await productionEnv({ databaseUrl: database.url });
  const started = spawn(
    process.execPath,
    ['--import', resolve(DIST, 'instrument.js'), resolve(DIST, 'main.js')],
    {
      env: { PATH: process.env.PATH, ...production.env, ...env },
      stdio: ['ignore', output, 'ignore'],
    },
  );
  child = started;
  const exit = once(started, 'exit').then(([code, signal]) => ({ code, signal }));
  const ready = () => until(async () => (await fetch(`${production.url}/readyz`)).ok);
  /** Enough lines to fill a pipe. */
  const talk = async (requests = 600) => {
    for (let done = 0; done < requests; done += 50)
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          const reply = await fetch(`${production.url}/api/v1/about?page=${'x'.repeat(10)}`);
          await reply.text();
        }),
      );
  };
  return { process: started, exit, ready, talk };
}

test('a full disk for the log: requests are answered, SIGTERM ends with 0', async () => {
  const full = openSync('/dev/full', 'w');
  try {
    const { process: api, exit, ready, talk } = await start(full);
    await ready();
    await talk();
    api.kill('SIGTERM');
    expect(await exit).toEqual({ code: 0, signal: null });
  } finally {
    closeSync(full);
  }
});

test('a pipe that nobody reads: requests are answered, SIGTERM ends with 0', async () => {
  const { process: api, exit, ready, talk } = await start('pipe');
  api.stdout?.pause();
  await ready();
  await talk(2000);
  api.kill('SIGTERM');
  expect(await exit).toEqual({ code: 0, signal: null });
});

test('a pipe that was closed: requests are answered, SIGINT ends with 0', async () => {
  const { process: api, exit, ready, talk } = await start('pipe');
  await ready();
  api.stdout?.destroy();
  await talk();
  api.kill('SIGINT');
  expect(await exit).toEqual({ code: 0, signal: null });
});

test('a failed start ends with 1 although nothing can be logged', async () => {
  const full = openSync('/dev/full', 'w');
  try {
    // An address that this machine does not have.
    const { exit } = await start(full, { HOST: '203.0.113.1' });
    expect(await exit).toEqual({ code: 1, signal: null });
  } finally {
    closeSync(full);
  }
});

test('everything that was logged before the end is written when the output takes it', async () => {
  const { process: api, exit, ready } = await start('pipe');
  let log = '';
  api.stdout?.on('data', (chunk) => {
    log += chunk;
  });
  await ready();
  api.kill('SIGTERM');
  expect(await exit).toEqual({ code: 0, signal: null });
  await until(() => log.includes('Shutting down'));
});
