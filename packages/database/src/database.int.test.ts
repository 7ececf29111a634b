import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createDatabase, type Database, type DatabaseOptions, type Sql } from './database.ts';
import { classifyDatabaseError, TransactionRolledBackError, violatedConstraint } from './errors.ts';
import { deployMigrations } from './migrations.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

const APPLICATION = 'database test';

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

const newUser = () => {
  const id = crypto.randomUUID();
  return { id, email: `${id}@example.com`, name: 'Ada', passwordHash: '-' };
};
const insertUser = (sql: Sql, user: ReturnType<typeof newUser>) =>
  sql.query(
    'INSERT INTO users (id, email, name, password_hash, updated_at) VALUES ($1::uuid, $2, $3, $4, now())',
    [user.id, user.email, user.name, user.passwordHash],
  );
const kindOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => classifyDatabaseError(error),
  );
const backendPid = async (sql: Sql): Promise<number> => {
  const [row] = await sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return row?.pid ?? 0;
};

/** The two kinds of transaction, which must behave alike. */
const TRANSACTIONS: readonly [string, <T>(db: Database, work: (sql: Sql) => Promise<T>) => Promise<T>][] = [
  ['a Prisma transaction', (db, work) => db.transaction(work)],
  ['a plain SQL transaction', (db, work) => db.sqlTransaction(work)],
];

describe('one pool for Prisma and SQL', () => {
  test('gives the same types for the same columns, whichever way they are read', async () => {
    const db = open();
    const { id } = await db.prisma.outboxEvent.create({ data: { topic: 'a', payload: { x: [1, null] } } });
    const text =
      'SELECT id, payload, created_at AS "createdAt", published_at AS "publishedAt" FROM outbox_events WHERE id = $1';
    const viaPrisma = await db.prisma.outboxEvent.findUniqueOrThrow({
      where: { id },
      select: { id: true, payload: true, createdAt: true, publishedAt: true },
    });
    expect(await db.query(text, [id])).toEqual([viaPrisma]);
    expect(await db.transaction((tx) => tx.query(text, [id]))).toEqual([viaPrisma]);
    expect(await db.sqlTransaction((sql) => sql.query(text, [id]))).toEqual([viaPrisma]);
  });

  test('keeps times right, whatever time zone the server has', async () => {
    await server.execute(
      `ALTER DATABASE ${new URL(server.url).pathname.slice(1)} SET timezone = 'Asia/Tokyo'`,
    );
    const db = open();
    const before = Date.now();
    const user = await db.prisma.user.create({ data: newUser() });
    expect(Math.abs(user.createdAt.getTime() - before)).toBeLessThan(60_000);
    const [row] = await db.query<{ created_at: Date }>('SELECT created_at FROM users WHERE id = $1', [
      user.id,
    ]);
    expect(row?.created_at).toEqual(user.createdAt);
  });

  test('never opens more connections than connection_limit', async () => {
    const db = open({ connection_limit: 3 });
    const work = Array.from({ length: 12 }, (_, n) =>
      n % 2 === 0
        ? backendPid(db)
        : db.prisma.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`.then((rows) => rows[0]?.pid),
    );
    const pids = new Set(await Promise.all(work));
    expect(pids.size).toBeLessThanOrEqual(3);
    expect(await server.connections(APPLICATION)).toHaveLength(pids.size);
    expect(db.stats()).toEqual({ total: pids.size, idle: pids.size, waiting: 0, max: 3 });
  });

  test('prepares statements once on each connection', async () => {
    const db = open({ connection_limit: 1 });
    for (let n = 0; n < 3; n += 1) await db.prisma.user.findMany({ where: { name: `nobody ${n}` } });
    await db.query('SELECT 1', [], 'one');
    const names = await db.query<{ name: string }>('SELECT name FROM pg_prepared_statements');
    expect(names).toHaveLength(2);
    expect(names).toContainEqual({ name: 'one' });
  });

  test('keeps the connection when a statement violates a constraint', async () => {
    const db = open({ connection_limit: 1 });
    const user = newUser();
    await insertUser(db, user);
    const pid = await backendPid(db);
    await expect(insertUser(db, user)).rejects.toMatchObject({ code: '23505' });
    await expect(db.prisma.user.create({ data: user })).rejects.toMatchObject({ code: 'P2002' });
    expect(await backendPid(db)).toBe(pid);
  });
});

describe('errors have the same kind from every side', () => {
  test('a unique violation names its constraint', async () => {
    const db = open();
    const user = newUser();
    await insertUser(db, user);
    const other = { ...newUser(), email: user.email };
    for (const attempt of [
      () => db.prisma.user.create({ data: other }),
      () => insertUser(db, other),
      () => db.transaction((tx) => insertUser(tx, other)),
      () => db.transaction((tx) => tx.prisma.user.create({ data: other })),
      () => db.sqlTransaction((sql) => insertUser(sql, other)),
    ]) {
      const error = await attempt().catch((thrown: unknown) => thrown);
      expect([classifyDatabaseError(error), violatedConstraint(error)]).toEqual([
        'unique',
        'users_email_key',
      ]);
    }
  });

  test('a reference to a row that is not there names its constraint', async () => {
    const db = open();
    const data = { id: crypto.randomUUID(), userId: crypto.randomUUID(), expiresAt: new Date() };
    const text = 'INSERT INTO sessions (id, user_id, expires_at) VALUES ($1::uuid, $2::uuid, now())';
    for (const attempt of [
      () => db.prisma.session.create({ data }),
      () => db.query(text, [data.id, data.userId]),
      () => db.transaction((tx) => tx.query(text, [data.id, data.userId])),
    ]) {
      const error = await attempt().catch((thrown: unknown) => thrown);
      expect([classifyDatabaseError(error), violatedConstraint(error)]).toEqual([
        'foreign-key',
        'sessions_user_id_fkey',
      ]);
    }
  });

  test('a row that must be there and is not, is not-found', async () => {
    const db = open();
    const where = { id: crypto.randomUUID() };
    expect(await kindOf(db.prisma.user.update({ where, data: { name: 'x' } }))).toBe('not-found');
    expect(await kindOf(db.prisma.user.findUniqueOrThrow({ where }))).toBe('not-found');
  });

  test('losing against a concurrent transaction is a serialization failure', async () => {
    const db = open();
    const user = newUser();
    await insertUser(db, user);
    const rename = 'UPDATE users SET name = $2 WHERE id = $1::uuid';
    const lose = async (sql: Sql) => {
      await sql.query('SELECT name FROM users WHERE id = $1::uuid', [user.id]);
      await db.query(rename, [user.id, crypto.randomUUID()]);
      await sql.query(rename, [user.id, 'too late']);
    };
    const viaPrisma = db.prisma.$transaction(
      (tx) => lose({ query: (text, values = []) => tx.$queryRawUnsafe(text, ...values) }),
      { isolationLevel: 'Serializable' },
    );
    expect(await kindOf(viaPrisma)).toBe('serialization');
    const viaSql = db.sqlTransaction(async (sql) => {
      await sql.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
      await lose(sql);
    });
    expect(await kindOf(viaSql)).toBe('serialization');
  });

  test('a statement or a lock that takes too long is a timeout', async () => {
    const db = open({}, { statementTimeoutMs: 200, lockTimeoutMs: 50 });
    expect(await kindOf(db.query('SELECT pg_sleep(5)'))).toBe('timeout');
    expect(await kindOf(db.prisma.$queryRaw`SELECT pg_sleep(5)::text`)).toBe('timeout');
    const user = newUser();
    await insertUser(db, user);
    await db.sqlTransaction(async (sql) => {
      await sql.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [user.id]);
      expect(await kindOf(db.query('UPDATE users SET name = name WHERE id = $1', [user.id]))).toBe('timeout');
      expect(await kindOf(db.prisma.user.update({ where: { id: user.id }, data: { name: 'x' } }))).toBe(
        'timeout',
      );
    });
  });
});

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

  test('breaks what is still running after closeTimeoutMs', async () => {
    const db = open({}, { closeTimeoutMs: 50 });
    const stuck = kindOf(db.query('SELECT pg_sleep(20)'));
    const prismaStuck = kindOf(db.prisma.$queryRaw`SELECT pg_sleep(20)::text`);
    await db.ping();
    await db.close();
    expect(await Promise.all([stuck, prismaStuck])).toEqual(['unavailable', 'unavailable']);
  });
});
