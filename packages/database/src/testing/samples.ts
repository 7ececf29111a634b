import type { Database, Sql } from '../database.ts';
import { classifyDatabaseError } from '../errors.ts';

export const newUser = () => {
  const id = crypto.randomUUID();
  return { id, email: `${id}@example.com`, name: 'Ada', passwordHash: '-' };
};
export const insertUser = (sql: Sql, user: ReturnType<typeof newUser>) =>
  sql.query(
    'INSERT INTO users (id, email, name, password_hash, updated_at) VALUES ($1::uuid, $2, $3, $4, now())',
    [user.id, user.email, user.name, user.passwordHash],
  );
export const kindOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => classifyDatabaseError(error),
  );
export const backendPid = async (sql: Sql): Promise<number> => {
  const [row] = await sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return row?.pid ?? 0;
};

/** The two kinds of transaction, which must behave alike. */
export const TRANSACTIONS: readonly [
  string,
  <T>(db: Database, work: (sql: Sql) => Promise<T>) => Promise<T>,
][] = [
  ['a Prisma transaction', (db, work) => db.transaction(work)],
  ['a plain SQL transaction', (db, work) => db.sqlTransaction(work)],
];
