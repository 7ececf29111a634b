import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  freePort,
  type RunningProcess,
  randomPassword,
  startPgBouncer,
  startProcess,
} from '@plinth/dev-services';
import pg from 'pg';
import { createTestDatabase } from './testing/create-test-app.ts';
import { until } from './testing/until.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});
afterAll(() => database.drop());

const source = (file: string) => resolve(import.meta.dirname, file);

/** The API from its sources, as a process of its own in production mode. */
async function startApi(databaseUrl: string) {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const lines: string[] = [];
  const api: RunningProcess = await startProcess({
    onLine: (line) => lines.push(line),
    command: process.execPath,
    args: [
      '--conditions=development',
      '--import',
      pathToFileURL(source('instrument.ts')).href,
      source('main.ts'),
    ],
    env: {
      PATH: process.env.PATH ?? '',
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: `${port}`,
      WEB_ORIGIN: url,
      SERVE_WEB: 'false',
      SHUTDOWN_DRAIN_SECONDS: '0',
      DATABASE_URL: databaseUrl,
      JWT_SECRET: randomPassword() + randomPassword(),
      JWT_REFRESH_SECRET: randomPassword() + randomPassword(),
    },
  });
  closers.push(() => api.close());
  let ended = false;
  void api.exited.then(() => {
    ended = true;
  });
  const readiness = () =>
    fetch(`${url}/readyz`).then(
      async (reply) => ({ status: reply.status, body: JSON.stringify(await reply.json()) }),
      () => undefined,
    );
  return {
    api,
    readiness,
    answers: () => until(async () => ended || (await readiness()) !== undefined),
    linesWith: (text: string) => lines.filter((line) => line.includes(text)),
  };
}

async function withPooler(settings: Parameters<typeof startPgBouncer>[0]) {
  const bouncer = await startPgBouncer(settings);
  closers.push(() => bouncer.close());
  return bouncer.url;
}

describe('a start in production', () => {
  test.each([
    ['transaction', 'false', 'add pgbouncer=true to DATABASE_URL'],
    ['statement', 'true', 'set pool_mode = transaction'],
  ] as const)(
    'behind PgBouncer in %s mode with pgbouncer=%s: log (once) and /readyz name the remedy',
    async (poolMode, pgbouncer, remedy) => {
      const url = new URL(await withPooler({ databaseUrl: database.url, poolMode }));
      url.searchParams.set('pgbouncer', pgbouncer);
      const running = await startApi(url.href);
      await running.answers();
      for (let n = 0; n < 3; n++) {
        const reply = await running.readiness();
        expect(reply).toMatchObject({ status: 503, body: expect.stringContaining(remedy) });
        expect(reply?.body).not.toMatch(/127\.0\.0\.1|plinth_|statement_timeout/);
      }
      expect(running.linesWith(remedy)).toHaveLength(1);
    },
  );

  test('with a superuser ends with 1 before anything is served, and one line says why', async () => {
    const url = new URL(process.env.TEST_DATABASE_ADMIN_URL ?? '');
    const admin = new pg.Client({ connectionString: url.href });
    await admin.connect();
    const role = `plinth_strong_${process.pid}`;
    const password = randomPassword();
    await admin.query(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD '${password}'`);
    closers.push(async () => {
      await admin.query(`DROP ROLE ${role}`);
      await admin.end();
    });
    const strong = new URL(database.url);
    strong.username = role;
    strong.password = password;
    const running = await startApi(strong.href);
    expect(await running.api.exited).toMatchObject({ code: 1 });
    expect(running.linesWith('DATABASE_URL has SUPERUSER')).toHaveLength(1);
    expect(running.linesWith('Listening')).toEqual([]);
    expect(running.linesWith(password)).toEqual([]);
  });

  test('with the role that owns the tables is ready, after one warning', async () => {
    const running = await startApi(database.url);
    await running.answers();
    expect(await running.readiness()).toMatchObject({ status: 200 });
    expect(await running.readiness()).toMatchObject({ status: 200 });
    expect(running.linesWith('ownership of tables')).toHaveLength(1);
  });
});
