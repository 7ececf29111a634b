import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type PgBouncerServer, startPgBouncer } from '@plinth/dev-services';
import { createDatabase, type Database, type DatabaseOptions } from './database.ts';
import { deployMigrations } from './migrations.ts';
import { kindOf, newUser } from './testing/samples.ts';
import { startSilentProxy } from './testing/silent-proxy.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

let server: TestDatabase;
/** Of the present test, ended with it in reverse order, also when it fails. */
const opened: { close(): unknown }[] = [];

beforeAll(async () => {
  server = await createTestDatabase(deployMigrations);
});
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});
afterAll(() => server.drop());

function open(url: string, options: Omit<DatabaseOptions, 'url'> = {}) {
  const broken = Promise.withResolvers<Error>();
  const database = createDatabase({ url, ...options }, { onConnectionError: broken.resolve });
  opened.push(database);
  return Object.assign(database, { connectionBroke: broken.promise });
}

async function openProxy(url: string) {
  const proxy = await startSilentProxy(url);
  opened.push(proxy);
  return proxy;
}

describe('when PostgreSQL cannot serve', () => {
  test('nothing gets through while all connections are busy: unavailable after pool_timeout', async () => {
    const db = open(server.with({ connection_limit: 1, pool_timeout: 1 }));
    await db.sqlTransaction(async () => {
      const outcomes = await Promise.all([
        kindOf(db.query('SELECT 1')),
        kindOf(db.prisma.user.count()),
        kindOf(db.transaction((tx) => tx.query('SELECT 1'))),
        kindOf(db.sqlTransaction((sql) => sql.query('SELECT 1'))),
        kindOf(db.ping()),
      ]);
      expect(outcomes).toEqual(Array.from({ length: 5 }, () => 'unavailable'));
      expect(db.stats().waiting).toBe(0);
    });
    await db.ping();
  });

  test('no server at the address is unavailable', async () => {
    const url = new URL(server.url);
    url.port = '1';
    const db = open(url.href);
    expect(await kindOf(db.query('SELECT 1'))).toBe('unavailable');
    expect(await kindOf(db.prisma.user.count())).toBe('unavailable');
    expect(await kindOf(db.transaction((tx) => tx.query('SELECT 1')))).toBe('unavailable');
  });

  test('a server that accepts and never answers is unavailable after connect_timeout', async () => {
    const sockets: Socket[] = [];
    const hole = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    opened.push({
      close: () => {
        for (const socket of sockets) socket.destroy();
        hole.close();
      },
    });
    await once(hole, 'listening');
    const url = new URL(server.with({ connect_timeout: 1, pool_timeout: 20 }));
    url.port = String((hole.address() as AddressInfo).port);
    const db = open(url.href);
    expect(await kindOf(db.query('SELECT 1'))).toBe('unavailable');
    expect(await kindOf(db.prisma.user.count())).toBe('unavailable');
  });

  test('a connection that goes silent is given up, and its place is free again', async () => {
    const proxy = await openProxy(server.with({ connection_limit: 2, pool_timeout: 5 }));
    const db = open(proxy.url, { statementTimeoutMs: 100, transactionTimeoutMs: 300 });
    await db.ping();
    proxy.fallSilent();
    const outcomes = await Promise.all([kindOf(db.query('SELECT 1')), kindOf(db.prisma.user.count())]);
    expect(outcomes).not.toContain('no error');
    proxy.recover();
    await Promise.all([db.ping(), db.prisma.user.count(), db.transaction((tx) => tx.query('SELECT 1'))]);
    expect(db.stats()).toMatchObject({ waiting: 0 });
  });

  test('a transaction whose connection goes silent does not come back into the pool', async () => {
    const proxy = await openProxy(server.with({ connection_limit: 1, pool_timeout: 10 }));
    const db = open(proxy.url, { statementTimeoutMs: 100, transactionTimeoutMs: 300 });
    for (const run of [db.transaction, db.sqlTransaction]) {
      const cut = run(async (sql: { query(text: string): Promise<unknown[]> }) => {
        await sql.query('SELECT 1');
        proxy.fallSilent();
        await sql.query('SELECT 2');
      });
      expect(await kindOf(cut)).toBe('timeout');
      proxy.recover();
      expect(await db.query('SELECT now() = statement_timestamp() AS outside')).toEqual([{ outside: true }]);
    }
  });

  test('closing does not wait for a network that has gone silent', async () => {
    const proxy = await openProxy(server.url);
    const db = open(proxy.url, { closeTimeoutMs: 50 });
    await Promise.all([db.ping(), db.prisma.user.count()]);
    proxy.fallSilent();
    await db.close();
    expect(db.stats()).toMatchObject({ total: 0 });
  });

  test('an idle connection that the server ends is replaced, and the process goes on', async () => {
    const db = open(server.with({ connection_limit: 1 }));
    const [row] = await db.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await server.execute('SELECT pg_terminate_backend($1)', [row?.pid]);
    await db.connectionBroke;
    expect(await db.query('SELECT pg_backend_pid() <> $1 AS replaced', [row?.pid])).toEqual([
      { replaced: true },
    ]);
  });

  test.each<[string, (db: Database) => Promise<unknown>]>([
    ['Prisma', (db) => db.prisma.user.create({ data: newUser() })],
    ['a Prisma transaction', (db) => db.transaction((tx) => tx.prisma.user.create({ data: newUser() }))],
    ['a plain SQL transaction', (db) => db.sqlTransaction((sql) => sql.query('DELETE FROM users'))],
  ])(
    'a failover to a read-only server, noticed by %s, costs one error and not the process',
    async (_name, write) => {
      const database = new URL(server.url).pathname.slice(1);
      // Only connections made meanwhile are read-only, as with a standby that was reached under the old name.
      await server.execute(`ALTER DATABASE ${database} SET default_transaction_read_only = on`);
      const db = open(server.with({ connection_limit: 1 }));
      await db.ping();
      await server.execute(`ALTER DATABASE ${database} RESET default_transaction_read_only`);
      expect(await kindOf(write(db))).toBe('unavailable');
      expect(await kindOf(write(db))).toBe('no error');
    },
  );

  test('a failover noticed by one connection replaces the others, too, which only read', async () => {
    const db = open(server.with({ connection_limit: 3 }));
    const pids = async (): Promise<number[]> => {
      const rows = await Promise.all(
        Array.from({ length: 3 }, () =>
          db.query<{ pid: number }>('SELECT pg_backend_pid() AS pid, pg_sleep(0.1)'),
        ),
      );
      return rows.map(([row]) => row?.pid ?? 0);
    };
    const before = await pids();
    const readOnly = db.sqlTransaction(async (sql) => {
      await sql.query('SET TRANSACTION READ ONLY');
      await sql.query('DELETE FROM users');
    });
    expect(await kindOf(readOnly)).toBe('unavailable');
    await pids();
    const after = await pids();
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
  });
});

describe('behind PgBouncer in transaction mode', () => {
  let bouncer: PgBouncerServer;
  beforeAll(async () => {
    bouncer = await startPgBouncer({ databaseUrl: server.url, poolSize: 2, reservePoolSize: 0 });
  });
  afterAll(() => bouncer.close());

  test('queries and transactions of both kinds work, with no prepared statement left on the server', async () => {
    const url = new URL(bouncer.url);
    url.search = '?pgbouncer=true&connection_limit=20';
    const db = open(url.href);
    const work = Array.from({ length: 40 }, async (_, n) => {
      const user = await db.prisma.user.create({ data: newUser() });
      await db.transaction((tx) => tx.prisma.user.update({ where: { id: user.id }, data: { name: `${n}` } }));
      return db.sqlTransaction((sql) =>
        sql.query<{ name: string }>('SELECT name FROM users WHERE id = $1', [user.id], 'by_id'),
      );
    });
    expect(await Promise.all(work)).toEqual(Array.from({ length: 40 }, (_, n) => [{ name: `${n}` }]));
    expect(await db.query('SELECT name FROM pg_prepared_statements')).toEqual([]);
  });

  test('times are right there, too', async () => {
    await server.execute(
      `ALTER DATABASE ${new URL(server.url).pathname.slice(1)} SET timezone = 'Asia/Tokyo'`,
    );
    const url = new URL(bouncer.url);
    url.search = '?pgbouncer=true';
    const db = open(url.href);
    expect(await db.query('SHOW timezone')).toEqual([{ TimeZone: 'UTC' }]);
  });
});
