import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { productionEnv, untilReady } from './testing/built-app.ts';
import { createTestDatabase } from './testing/create-test-app.ts';
import { clientOf, signUp } from './testing/factories.ts';
import { createSentryReceiver, errorsIn } from './testing/sentry-receiver.ts';
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

/** Bugs on demand: one that throws, one that rejects. Nothing of the product itself is changed. */
const BUGS = `data:text/javascript,${encodeURIComponent(`
  process.on('SIGUSR2', () => { throw new Error('a bug that throws'); });
  process.on('SIGWINCH', () => { Promise.reject(new Error('a bug that rejects')); });
`)}`;

/** The API whose log goes to this output; a number is an open file. */
async function start(output: number | 'pipe', env: Record<string, string> = {}) {
  const production = await productionEnv({ databaseUrl: database.url });
  const started = spawn(
    process.execPath,
    ['--import', BUGS, '--import', resolve(DIST, 'instrument.js'), resolve(DIST, 'main.js')],
    {
      env: { PATH: process.env.PATH, ...production.env, ...env },
      stdio: ['ignore', output, 'ignore'],
    },
  );
  child = started;
  const exit = once(started, 'exit').then(([code, signal]) => ({ code, signal }));
  const ready = () => untilReady(production.url, { exited: exit, log: () => '' });
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
  return { url: production.url, process: started, exit, ready, talk };
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

/** A request that is under way until the lock is given up. */
async function holdRequest(url: string) {
  const { api } = await signUp(clientOf(url));
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE organizations IN ACCESS EXCLUSIVE MODE');
  const answer = api.organizations.createOrganization({ body: { name: 'Under way' } }).then(
    () => 'answered',
    () => 'cut',
  );
  const waiting = `SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = 'organizations'::regclass`;
  await until(async () => (await client.query(waiting)).rows[0].n > 0);
  return { answer, release: () => client.end() };
}

const notListening = (url: string) =>
  until(() =>
    fetch(`${url}/healthz`).then(
      () => false,
      () => true,
    ),
  );

describe('an error that nobody has handled', () => {
  test.each([
    ['thrown', 'SIGUSR2', 'a bug that throws'],
    ['rejected', 'SIGWINCH', 'a bug that rejects'],
  ] as const)(
    '%s, is logged and reported; requests under way are answered, the end is 1',
    async (_how, signal, words) => {
      const sentry = await createSentryReceiver();
      try {
        const { url, process: api, exit, ready } = await start('pipe', { SENTRY_DSN: sentry.dsn });
        let log = '';
        api.stdout?.on('data', (chunk) => {
          log += chunk;
        });
        await ready();
        const held = await holdRequest(url);
        api.kill(signal);
        await notListening(url);
        await held.release();
        expect(await held.answer).toBe('answered');
        expect(await exit).toEqual({ code: 1, signal: null });
        await until(() => log.includes('Shutting down'));
        const fatal = log.split('\n').filter((line) => line.includes('"level":"fatal"'));
        expect(fatal).toHaveLength(1);
        expect(JSON.parse(fatal[0] ?? '')).toMatchObject({ err: { message: words } });
        expect(errorsIn(sentry.records).map(({ message }) => message)).toEqual([words]);
      } finally {
        await sentry.close();
      }
    },
  );

  test('ends with 1 when nothing can be logged and a request never ends', async () => {
    const { url, process: api, exit, ready, talk } = await start('pipe', { SHUTDOWN_TIMEOUT_SECONDS: '1' });
    api.stdout?.pause();
    await ready();
    await talk();
    const held = await holdRequest(url);
    try {
      api.kill('SIGUSR2');
      expect(await exit).toEqual({ code: 1, signal: null });
      expect(await held.answer).toBe('cut');
    } finally {
      await held.release();
    }
  });

  test('while it is ending anyway, it still ends, with 1', async () => {
    const { url, process: api, exit, ready } = await start('pipe');
    await ready();
    const held = await holdRequest(url);
    api.kill('SIGTERM');
    await notListening(url);
    api.kill('SIGUSR2');
    await held.release();
    expect(await held.answer).toBe('answered');
    expect(await exit).toEqual({ code: 1, signal: null });
  });
});

describe('a second signal while requests under way hold up the end', () => {
  test.each([
    ['SIGTERM', 'SIGTERM', true],
    ['SIGINT', 'SIGINT', true],
    ['SIGTERM', 'SIGINT', false],
  ] as const)('%s, then %s ends it at once (output read: %s)', async (signal, second, read) => {
    const { url, process: api, exit, ready, talk } = await start('pipe', { SHUTDOWN_TIMEOUT_SECONDS: '60' });
    if (read) api.stdout?.resume();
    else api.stdout?.pause();
    await ready();
    if (!read) await talk();
    const held = await holdRequest(url);
    try {
      api.kill(signal);
      await notListening(url);
      api.kill(second);
      expect(await exit).toEqual({ code: 130, signal: null });
      expect(await held.answer).toBe('cut');
    } finally {
      await held.release();
    }
  });
});
