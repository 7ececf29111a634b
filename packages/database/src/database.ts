/** The application's database handle: Prisma and hand-written SQL over one pool. */
import type pg from 'pg';
import { parseDatabaseUrl } from './database-url.ts';
import { type Prisma, PrismaClient } from './generated/client.ts';
import { createPool } from './pool.ts';
import { createPrismaAdapter } from './prisma-adapter.ts';
import { runSqlTransaction } from './sql-transaction.ts';

export interface Sql {
  /**
   * Runs one statement with positional parameters (`$1`, …).
   *
   * @param name prepared-statement name, one for each text; ignored behind PgBouncer and inside {@link Tx}
   * @throws what `pg` or Prisma throws; see `classifyDatabaseError`
   */
  query<Row>(text: string, values?: readonly unknown[], name?: string): Promise<Row[]>;
}

/** A Prisma interactive transaction; `query` runs inside it. */
export interface Tx extends Sql {
  readonly prisma: Prisma.TransactionClient;
}

export interface PoolStats {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
  readonly max: number;
}

export interface Database extends Sql {
  readonly prisma: PrismaClient;
  /** Commits when `work` resolves, rolls back when it rejects or takes longer than `transactionTimeoutMs`. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** The same over one `pg` connection, without Prisma's share of the time: for the hottest writes. */
  sqlTransaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Resolves when the database answers, within seconds whatever its state. */
  ping(): Promise<void>;
  stats(): PoolStats;
  /** Waits for running work up to `closeTimeoutMs`, then breaks its connections. Nothing is left in PostgreSQL. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** See `parseDatabaseUrl` for the parameters. */
  readonly url: string;
  /** Default 30 s. Sent to the server except behind PgBouncer; the client gives up one second later either way. */
  readonly statementTimeoutMs?: number;
  /** Default 5 s. */
  readonly lockTimeoutMs?: number;
  /** Default 10 s. */
  readonly idleInTransactionTimeoutMs?: number;
  /** Longest time from BEGIN to COMMIT, default 10 s. */
  readonly transactionTimeoutMs?: number;
  /** Default 30 s. */
  readonly idleTimeoutMs?: number;
  /** Default 30 min. */
  readonly maxLifetimeSeconds?: number;
  /** Default 5 s. */
  readonly closeTimeoutMs?: number;
  /** Used when the URL names no application_name. Default `plinth`. */
  readonly applicationName?: string;
}

export interface DatabaseDeps {
  /** Told about connections that break in the background; the pool replaces them by itself. */
  readonly onConnectionError?: (error: Error) => void;
}

const PING_TIMEOUT_MS = 2_000;

/** Opens nothing yet: connections are made when first needed. */
export function createDatabase(options: DatabaseOptions, deps: DatabaseDeps = {}): Database {
  const url = parseDatabaseUrl(options.url);
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000;
  const transactionTimeoutMs = options.transactionTimeoutMs ?? 10_000;
  const bounded = createPool(
    url,
    {
      statementTimeoutMs,
      lockTimeoutMs: options.lockTimeoutMs ?? 5_000,
      idleInTransactionTimeoutMs: options.idleInTransactionTimeoutMs ?? 10_000,
      idleTimeoutMs: options.idleTimeoutMs ?? 30_000,
      maxLifetimeSeconds: options.maxLifetimeSeconds ?? 1800,
      applicationName: options.applicationName ?? 'plinth',
    },
    { onConnectionError: deps.onConnectionError ?? (() => {}) },
  );
  const { pool } = bounded;
  const prepared = !url.pgbouncer;
  const prisma = new PrismaClient({
    adapter: createPrismaAdapter(pool, { schema: url.schema, preparedStatements: prepared }),
    errorFormat: 'minimal',
    transactionOptions: { maxWait: url.poolTimeoutMs + 500, timeout: transactionTimeoutMs },
  });

  const toConfig = (text: string, values: readonly unknown[], name: string | undefined): pg.QueryConfig => ({
    text,
    values: [...values],
    ...(prepared && name !== undefined && { name }),
  });

  let closing: Promise<void> | undefined;

  return {
    prisma,
    async query(text, values = [], name) {
      return (await pool.query(toConfig(text, values, name))).rows;
    },
    transaction: (work) =>
      prisma.$transaction((tx) =>
        work({ prisma: tx, query: (text, values = []) => tx.$queryRawUnsafe(text, ...values) }),
      ),
    async sqlTransaction(work) {
      const client = await pool.connect();
      return runSqlTransaction(client, transactionTimeoutMs, (assertOpen) =>
        work({
          async query(text, values = [], name) {
            assertOpen();
            return (await client.query(toConfig(text, values, name))).rows;
          },
        }),
      );
    },
    async ping() {
      const probe: pg.QueryConfig & { query_timeout: number } = {
        text: 'SELECT 1',
        query_timeout: PING_TIMEOUT_MS,
      };
      await pool.query(probe);
    },
    stats: () => ({
      total: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
      max: url.connectionLimit,
    }),
    close() {
      closing ??= bounded.close(options.closeTimeoutMs ?? 5_000).then(() => prisma.$disconnect());
      return closing;
    },
  };
}
