import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { deployMigrations } from '@plinth/database/migrations';
import {
  type PgBouncerServer,
  type PostgresServer,
  startPgBouncer,
  startPostgres,
} from '@plinth/dev-services';
import pg from 'pg';
import { type BuiltApp, startBuiltApp } from '../../testing/built-app.ts';
import { testServers } from '../../testing/create-test-app.ts';
import { problemOf, send } from '../../testing/http.ts';
import { sharedSecrets } from '../../testing/two-instances.ts';
import { until } from '../../testing/until.ts';
import { type Ledger, openLedger } from './ledger.suite.ts';

/** How long a server is away, in milliseconds. */
const AWAY_MS = 1500;

let dir: string;
let postgres: PostgresServer;
let bouncer: PgBouncerServer;
/** One reaches PostgreSQL straight, the other through PgBouncer; with the first one runs the worker. */
let straight: BuiltApp;
let pooled: BuiltApp;
let ledger: Ledger;

const launchPostgres = (port?: number) =>
  startPostgres({
    dir,
    // What is committed must survive the process, as in production; a crash of the whole machine is not tried here.
    settings: { fsync: 'off', synchronous_commit: 'on' },
    ...(port !== undefined && { port }),
  });
const launchBouncer = (port?: number) =>
  startPgBouncer({ databaseUrl: postgres.url, poolSize: 10, ...(port !== undefined && { port }) });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plinth-faults-'));
  postgres = await launchPostgres();
  await deployMigrations(postgres.url);
  bouncer = await launchBouncer();
  const options = { redisUrl: testServers.redis(), env: sharedSecrets() };
  straight = await startBuiltApp({
    ...options,
    databaseUrl: `${postgres.url}?connection_limit=8&application_name=straight`,
  });
  const through = `${bouncer.url}?pgbouncer=true&connection_limit=20`;
  pooled = await startBuiltApp({ ...options, databaseUrl: through, worker: false });
});
afterEach(() => ledger.close());
afterAll(async () => {
  await Promise.all([straight, pooled].map((app) => app?.close()));
  await bouncer?.close();
  await postgres?.close();
  await rm(dir, { recursive: true, force: true });
});

/** Writers and readers at both instances. */
async function open() {
  ledger = await openLedger(straight.url, postgres.url);
  await ledger.listen(straight.url);
  await ledger.listen(pooled.url);
  await ledger.write(straight.url, pooled.url);
}

/** Service goes on by itself: the same processes answer, and nobody was told anything but to come back. */
async function recovered() {
  await ledger.more(60);
  await ledger.settle();
  expect(new Set(ledger.failures)).toEqual(new Set(['503 unavailable']));
  for (const app of [straight, pooled]) {
    expect(app.log()).not.toMatch(/Shutting down/);
    expect((await fetch(`${app.url}/readyz`)).status).toBe(200);
  }
}

test('PostgreSQL killed under writes and started again: what was acknowledged is there, once', async () => {
  await open();
  process.kill(postgres.pid, 'SIGKILL');
  await postgres.exited;
  await until(async () => (await fetch(`${straight.url}/readyz`)).status === 503);
  expect((await fetch(`${straight.url}/healthz`)).status).toBe(200);
  await wait(AWAY_MS);
  postgres = await launchPostgres(postgres.port);
  await recovered();
});

test('PgBouncer restarted under writes: what was acknowledged is there, once', async () => {
  await open();
  await bouncer.close();
  await until(async () => (await fetch(`${pooled.url}/readyz`)).status === 503);
  await wait(AWAY_MS);
  bouncer = await launchBouncer(bouncer.port);
  await recovered();
});

/** Runs as the superuser. */
async function administer(...statements: readonly string[]) {
  const client = new pg.Client({ connectionString: postgres.adminUrl });
  await client.connect();
  try {
    let result: pg.QueryResult | undefined;
    for (const statement of statements) result = await client.query(statement);
    return result?.rows ?? [];
  } finally {
    await client.end();
  }
}

test('PostgreSQL turned read-only (SQLSTATE 25006): writes answer 503, connections are made anew, writing goes on', async () => {
  await open();
  const pids = async (): Promise<number[]> =>
    (await administer("SELECT pid FROM pg_stat_activity WHERE application_name = 'straight'")).map(
      ({ pid }) => pid,
    );
  const read = () => ledger.owner.api.messages.listMessages({ params: ledger.place, query: { limit: 5 } });
  const before = await pids();
  await administer('ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()');
  await until(() => ledger.failures.length > 50);

  const signUp = await send(`${straight.url}/api/v1/auth/sign-up`, {
    json: {
      email: 'late@example.com',
      password: 'correct horse battery staple',
      name: 'Late',
      organizationName: 'Late',
    },
  });
  expect(problemOf(signUp)).toMatchObject({ status: 503, code: 'unavailable' });
  expect(signUp.headers.get('retry-after')).toBe('2');
  // Reading goes on.
  expect((await read()).items).toHaveLength(5);
  await until(async () => {
    // Also connections that were idle serve once more.
    await Promise.all(Array.from({ length: 8 }, read));
    const now = await pids();
    return before.filter((pid) => now.includes(pid)).length === 0;
  });

  await administer('ALTER SYSTEM RESET default_transaction_read_only', 'SELECT pg_reload_conf()');
  await recovered();
});
