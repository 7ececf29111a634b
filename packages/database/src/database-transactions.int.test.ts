import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createDatabase, type Database, type DatabaseOptions } from './database.ts';
import { TransactionRolledBackError } from './errors.ts';
import { deployMigrations } from './migrations.ts';
import { backendPid, insertUser, kindOf, newUser, TRANSACTIONS } from './testing/samples.ts';
import { startSilentProxy } from './testing/silent-proxy.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

const APPLICATION = 'transaction test';
/** Less than any timeout that would bring the same end by itself. */
const SOON_MS = 20_000;

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + SOON_MS;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`Not within ${SOON_MS} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

let server: TestDatabase;
const opened: Database[] = [];

beforeAll(async () => {
  server = await createTestDatabase(deployMigrations);
});
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});
afterAll(() => server.drop());

function open(
  parameters: Parameters<TestDatabase['with']>[0] = {},
  options: Omit<DatabaseOptions, 'url'> = {},
) {
  const database = createDatabase({ url: server.with(parameters), applicationName: APPLICATION, ...options });
  opened.push(database);
  return database;
}

describe.each(TRANSACTIONS)('%s', (_name, run) => {
  test('stores everything when its work succeeds', async () => {
    const db = open();
    const user = newUser();
    const result = await run(db, async (sql) => {
      await insertUser(sql, user);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await db.prisma.user.count({ where: { id: user.id } })).toBe(1);
  });

  test('stores nothing when its work fails, and passes the error on', async () => {
    const db = open({ connection_limit: 1 });
    const user = newUser();
    const failed = run(db, async (sql) => {
      await insertUser(sql, user);
      throw new Error('changed my mind');
    });
    await expect(failed).rejects.toThrow('changed my mind');
    expect(await db.prisma.user.count({ where: { id: user.id } })).toBe(0);
    expect(db.stats()).toMatchObject({ total: 1, idle: 1 });
  });

  test('does not report success after a statement failed and nobody said so', async () => {
    const db = open({ connection_limit: 1 });
    const user = newUser();
    const swallowed = run(db, async (sql) => {
      await insertUser(sql, user);
      await sql.query('SELECT 1 / 0').catch(() => {});
      return 'stored';
    });
    await expect(swallowed).rejects.toThrow(TransactionRolledBackError);
    expect(await db.prisma.user.count({ where: { id: user.id } })).toBe(0);
  });

  test('ends as a timeout when it takes too long, and gives its connection back clean', async () => {
    const db = open({ connection_limit: 1 }, { transactionTimeoutMs: 100 });
    const user = newUser();
    const slow = run(db, async (sql) => {
      await insertUser(sql, user);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await insertUser(sql, newUser());
    });
    expect(await kindOf(slow)).toBe('timeout');
    expect(await db.prisma.user.count({ where: { id: user.id } })).toBe(0);
    const [row] = await db.query<{ open: boolean }>(
      'SELECT now() <> statement_timestamp() AS open FROM (SELECT 1) AS one',
    );
    expect(row).toEqual({ open: false });
  });

  test('reports a connection lost on the way as unavailable, and the next one works', async () => {
    const db = open({ connection_limit: 1 });
    const user = newUser();
    const cut = run(db, async (sql) => {
      await insertUser(sql, user);
      await server.execute('SELECT pg_terminate_backend($1)', [await backendPid(sql)]);
      await insertUser(sql, newUser());
    });
    expect(await kindOf(cut)).toBe('unavailable');
    await run(db, (sql) => insertUser(sql, newUser()));
    expect(await db.prisma.user.count({ where: { id: user.id } })).toBe(0);
  });
});

describe('closing', () => {
  test('leaves no connection in PostgreSQL', async () => {
    const db = open({ connection_limit: 5 });
    await Promise.all(Array.from({ length: 5 }, () => db.query('SELECT pg_sleep(0.01)')));
    await db.prisma.user.count();
    expect(await server.connections(APPLICATION)).not.toHaveLength(0);
    await db.close();
    expect(await server.connections(APPLICATION)).toEqual([]);
    expect(await kindOf(db.query('SELECT 1'))).toBe('unavailable');
  });

  test('of a database that was never used is done at once, also twice', async () => {
    const db = open();
    await Promise.all([db.close(), db.close()]);
    expect(db.stats().total).toBe(0);
  });

  test.each(TRANSACTIONS)('waits for %s that is running', async (_name, run) => {
    const db = open();
    const user = newUser();
    const started = Promise.withResolvers<void>();
    const mayGoOn = Promise.withResolvers<void>();
    const work = run(db, async (sql) => {
      await insertUser(sql, user);
      started.resolve();
      await mayGoOn.promise;
      await sql.query('SELECT 1');
    });
    await started.promise;
    const closed = db.close();
    mayGoOn.resolve();
    await Promise.all([work, closed]);
    expect(await server.execute('SELECT 1 FROM users WHERE id = $1', [user.id])).toHaveLength(1);
    expect(await server.connections(APPLICATION)).toEqual([]);
  });

  test.each(TRANSACTIONS)('does not wait for %s that never ends', async (_name, run) => {
    const db = open({}, { closeTimeoutMs: 50, transactionTimeoutMs: 1_000 });
    const started = Promise.withResolvers<void>();
    const never = kindOf(
      run(db, async (sql) => {
        await sql.query('SELECT 1');
        started.resolve();
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        await sql.query('SELECT 2');
      }),
    );
    await started.promise;
    await db.close();
    expect(await never).not.toBe('no error');
  });

  test('breaks connections that are still being made, which the pool has not counted yet', async () => {
    const proxy = await startSilentProxy(server.with({ connect_timeout: 60, pool_timeout: 60 }));
    try {
      const db = createDatabase({ url: proxy.url, closeTimeoutMs: 50 });
      // The server's greeting never arrives.
      proxy.fallSilent();
      const work = [
        kindOf(db.query('SELECT 1')),
        kindOf(db.prisma.user.count()),
        kindOf(db.transaction(async () => {})),
      ];
      await until(() => proxy.connections() === 3);
      await db.close();
      await until(() => proxy.connections() === 0);
      expect(await Promise.all(work)).toEqual(['unavailable', 'unavailable', 'unavailable']);
    } finally {
      await proxy.close();
    }
  });

  test('breaks what is still running after closeTimeoutMs', async () => {
    const db = open({}, { closeTimeoutMs: 50 });
    const stuck = kindOf(db.query('SELECT pg_sleep(20)'));
    const prismaStuck = kindOf(db.prisma.$queryRaw`SELECT pg_sleep(20)::text`);
    await db.ping();
    await db.close();
    expect(await Promise.all([stuck, prismaStuck])).toEqual(['unavailable', 'unavailable']);
  });
});
