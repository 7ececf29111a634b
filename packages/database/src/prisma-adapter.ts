/** Prisma's `pg` adapter over our pool, with prepared statements and without silent rollbacks. */
import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import type { SqlDriverAdapterFactory, SqlQuery, Transaction } from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import { TransactionRolledBackError } from './errors.ts';

/** Distinct prepared statements a connection keeps; further ones run unnamed, so that memory stays bounded. */
const MAX_PREPARED_STATEMENTS = 500;

/** Names statements after their text; the first {@link MAX_PREPARED_STATEMENTS} texts are prepared, the rest not. */
function createStatementNames(): (query: SqlQuery) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    if (names.size >= MAX_PREPARED_STATEMENTS) return '';
    const name = `p_${createHash('sha256').update(sql).digest('base64url').slice(0, 22)}`;
    names.set(sql, name);
    return name;
  };
}

/**
 * PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error, and Prisma then reports success. This
 * remembers the failure of a statement (until a savepoint is restored) and makes such a commit fail.
 */
function refuseSilentRollback(transaction: Transaction): Transaction {
  const queryRaw = transaction.queryRaw.bind(transaction);
  const executeRaw = transaction.executeRaw.bind(transaction);
  let failure: { readonly error: unknown } | undefined;
  const remember = (error: unknown): never => {
    failure ??= { error };
    throw error;
  };
  transaction.queryRaw = (query) => queryRaw(query).catch(remember);
  transaction.executeRaw = async (query) => {
    const count = await executeRaw(query).catch(remember);
    if (failure && query.sql === 'COMMIT') throw new TransactionRolledBackError({ cause: failure.error });
    if (query.sql.startsWith('ROLLBACK TO SAVEPOINT')) failure = undefined;
    return count;
  };
  return transaction;
}

export interface PrismaAdapterOptions {
  readonly schema: string;
  /** Off behind PgBouncer, where the next statement may meet another server connection. */
  readonly preparedStatements: boolean;
}

/** The adapter for `new PrismaClient({ adapter })`. It leaves closing the pool to its owner. */
export function createPrismaAdapter(pool: pg.Pool, options: PrismaAdapterOptions): SqlDriverAdapterFactory {
  const factory = new PrismaPg(pool, {
    schema: options.schema,
    ...(options.preparedStatements && { statementNameGenerator: createStatementNames() }),
  });
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const adapter = await factory.connect();
      const startTransaction = adapter.startTransaction.bind(adapter);
      adapter.startTransaction = async (level) => refuseSilentRollback(await startTransaction(level));
      return adapter;
    },
  };
}
