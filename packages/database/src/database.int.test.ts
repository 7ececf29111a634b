import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createDatabase, type Database, type DatabaseOptions, type Sql } from './database.ts';
import { classifyDatabaseError, violatedConstraint } from './errors.ts';
import { deployMigrations } from './migrations.ts';
import { backendPid, insertUser, kindOf, newUser } from './testing/samples.ts';
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

describe('one pool for Prisma and SQL', () => {
  test('gives the same types for the same columns, whichever way they are read', async () => {
    const db = open();
    const { id } = await db.prisma.outboxEvent.create({ data: { topic: 'a', payload: { x: [1, null] } } });
    const text =
      'SELECT id, payload, created_at AS "createdAt", available_at AS "availableAt" FROM outbox_events WHERE id = $1';
    const viaPrisma = await db.prisma.outboxEvent.findUniqueOrThrow({
      where: { id },
      select: { id: true, payload: true, createdAt: true, availableAt: true },
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
