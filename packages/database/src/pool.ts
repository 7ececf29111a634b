/** The process's one PostgreSQL pool, with the bounds and the recovery that `pg` leaves to its user. */
import pg from 'pg';
import type { DatabaseUrl } from './database-url.ts';
import { readTlsFiles } from './tls-files.ts';

const INT8 = 20;
const KEEP_ALIVE_DELAY_MS = 10_000;

export interface PoolOptions {
  /** The server ends a statement that runs longer, in milliseconds. */
  readonly statementTimeoutMs: number;
  /** The server gives up waiting for a lock after this, in milliseconds. */
  readonly lockTimeoutMs: number;
  /** The server ends a session that leaves its transaction idle for longer, in milliseconds. */
  readonly idleInTransactionTimeoutMs: number;
  /** An unused connection is closed after this, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** A connection is replaced after this, in seconds: spreads load after a failover, picks up new settings. */
  readonly maxLifetimeSeconds: number;
  /** `application_name` seen in `pg_stat_activity` when the URL names none. */
  readonly applicationName: string;
}

export interface PoolDeps {
  /** Told about connections that break while nobody waits for them. */
  readonly onConnectionError: (error: Error) => void;
}

export interface BoundedPool {
  readonly pool: pg.Pool;
  /** Ends idle connections, waits up to `graceMs` for busy ones, then breaks them. Resolves when all sockets are closed. */
  close(graceMs: number): Promise<void>;
}

/** `int8` as bigint: the same type that Prisma gives for it. `pg` alone gives a string. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 && format !== 'binary' ? BigInt : pg.types.getTypeParser(oid, format),
};

function tlsOptions({ tls }: DatabaseUrl): pg.PoolConfig['ssl'] {
  if (tls.mode === 'off') return false;
  return {
    rejectUnauthorized: tls.mode === 'verify',
    ...readTlsFiles(tls),
  };
}

/** Who and where, without any pool behaviour: also for the single connections of the migrations. */
export function connectionOptions(url: DatabaseUrl): pg.ClientConfig {
  const ssl = tlsOptions(url);
  return {
    host: url.host,
    port: url.port,
    user: url.user,
    password: url.password,
    database: url.database,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    ...(ssl !== undefined && { ssl }),
    // Prisma writes and reads timestamps as UTC wall time, which is only right in a session that uses UTC.
    ...(!url.pgbouncer && { options: `-c TimeZone=UTC -c search_path=${url.schema}` }),
  };
}

/**
 * PgBouncer refuses settings in the startup packet. It follows TimeZone from client to client, so this SET does not
 * leak; the timeouts belong to the role there (`ALTER ROLE … SET statement_timeout`).
 */
const setTimeZone = async (client: pg.ClientBase): Promise<void> => {
  await client.query("SET TimeZone = 'UTC'");
};

/** The server became read-only, as after a failover. */
const READ_ONLY = '25006';

/**
 * Errors after which a connection must not serve again although the server keeps it open: it leads to a server that
 * became read-only, or its prepared statements no longer fit (26000; 0A000 after a migration).
 */
const isSpent = (code: string | undefined, message: string | undefined): boolean =>
  code === READ_ONLY || code === '26000' || (code === '0A000' && message?.startsWith('cached plan') === true);

/** The pool's clients are `pg.Client`s, of which its types show only a part. */
function asClient(client: pg.ClientBase): pg.Client {
  if (!(client instanceof pg.Client)) throw new TypeError('The pool made a client of an unknown kind.');
  return client;
}

/**
 * `pool.query` of `pg-pool` throws the connection away at every error, also at a unique violation, and the next query
 * pays for a new one. This one keeps connections that are still good; Prisma calls it through its adapter.
 */
function keepConnectionOnSqlError(pool: pg.Pool): void {
  const query = async (config: string | pg.QueryConfig, values?: unknown[]): Promise<pg.QueryResult> => {
    const client = await pool.connect();
    let broken = false;
    try {
      return values === undefined ? await client.query(config) : await client.query(config, values);
    } catch (error) {
      // After an ERROR the server is ready again; anything else leaves the connection in an unknown state.
      broken = !(error instanceof pg.DatabaseError && error.severity === 'ERROR');
      throw error;
    } finally {
      client.release(broken);
    }
  };
  Object.assign(pool, { query });
}

/** The clients of a pool from their making on, so that one that is still connecting counts, too. */
export interface TrackedClients {
  /** For the pool's option of this name. */
  readonly Client: new () => pg.ClientBase;
  readonly open: ReadonlySet<pg.Client>;
  /**
   * Resolves when the sockets of all are closed. `pool.end()` resolves when it has said goodbye to the server, which
   * counts a connection until its socket is closed, and knows nothing of a connection that is broken while it is made.
   */
  allClosed(): Promise<void>;
}

/** @param connectTimeoutMs longest time for opening a connection; the pool's own timeout is for waiting in its queue */
export function trackClients(connectTimeoutMs: number): TrackedClients {
  const open = new Set<pg.Client>();
  let onEmpty: (() => void) | undefined;
  class TrackedClient extends pg.Client {
    constructor(config: pg.ClientConfig = {}) {
      // The pool hides the password from enumeration, so a spread alone would lose it.
      super({ ...config, password: config.password, connectionTimeoutMillis: connectTimeoutMs });
      open.add(this);
      this.once('end', () => {
        open.delete(this);
        if (open.size === 0) onEmpty?.();
      });
    }
  }
  const allClosed = (): Promise<void> =>
    new Promise((resolve) => {
      onEmpty = resolve;
      if (open.size === 0) resolve();
    });
  return { Client: TrackedClient, open, allClosed };
}

/**
 * A pool in which acquiring, connecting, each statement and each idle transaction are bounded, whose broken
 * connections never end the process and never come back, and which can be closed for certain.
 */
export function createPool(url: DatabaseUrl, options: PoolOptions, deps: PoolDeps): BoundedPool {
  const startupTimeouts = {
    statement_timeout: options.statementTimeoutMs,
    lock_timeout: options.lockTimeoutMs,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs,
  };
  const { Client, open, allClosed } = trackClients(url.connectTimeoutMs);
  const config = {
    ...connectionOptions(url),
    types,
    max: url.connectionLimit,
    connectionTimeoutMillis: url.poolTimeoutMs,
    idleTimeoutMillis: options.idleTimeoutMs,
    maxLifetimeSeconds: options.maxLifetimeSeconds,
    // A little more than the server's own limit, whose error says more. Bounds a connection that went silent.
    query_timeout: options.statementTimeoutMs + 1000,
    application_name: url.applicationName ?? options.applicationName,
    Client,
    ...(url.pgbouncer ? { onConnect: setTimeZone } : startupTimeouts),
  };
  const pool = new pg.Pool(config);
  keepConnectionOnSqlError(pool);

  const spent = new WeakSet<pg.ClientBase>();
  pool.on('error', deps.onConnectionError);
  pool.on('connect', (client) => {
    // Without a listener a connection that breaks while checked out would end the process.
    client.on('error', deps.onConnectionError);
    asClient(client).connection.on('errorMessage', ({ code, message }: pg.DatabaseError) => {
      if (isSpent(code, message)) spent.add(client);
      // The others lead to the same server; those that only read would never be told.
      if (code === READ_ONLY) for (const other of open) spent.add(other);
    });
  });
  pool.on('release', (_error, client) => {
    // Also catches a transaction whose ROLLBACK did not arrive: Prisma hands such a connection back as if it were good.
    if (spent.has(client) || client.getTransactionStatus() !== 'I') void asClient(client).end();
  });

  return {
    pool,
    async close(graceMs) {
      const grace = Promise.withResolvers<void>();
      const timer = setTimeout(() => {
        // Not `end()`: its goodbye waits for an answer that may never come.
        for (const client of open) client.connection.stream.destroy();
        grace.resolve();
      }, graceMs);
      try {
        await Promise.race([pool.end(), grace.promise]);
        await allClosed();
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
