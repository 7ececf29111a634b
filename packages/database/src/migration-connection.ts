/** Connections of the migration commands: direct, few, and with the lock that lets one instance work at a time. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { connectionRemedy } from './connection-remedy.ts';
import { type DatabaseUrl, describeDatabase, parseDatabaseUrl } from './database-url.ts';
import { MigrationError } from './migration-error.ts';
import { connectionOptions, trackClients } from './pool.ts';
import { messageOf } from './unknown-error.ts';

/** Key of the session advisory lock; advisory locks are counted in each database apart. */
const LOCK_KEY = 7_077_283_041;
const LOCK_POLL_MS = 200;
/** DDL that waits for a lock makes every later query wait behind it, so it gives up early. */
const DDL_LOCK_TIMEOUT_MS = 10_000;

export type Log = (line: string) => void;

/** @throws MigrationError when the URL leads to PgBouncer, which cannot hold the session that migrations need */
export function parseDirectUrl(text: string): DatabaseUrl {
  const url = parseDatabaseUrl(text);
  if (url.pgbouncer) {
    throw new MigrationError(
      'not-direct',
      'Migrations need a direct connection to PostgreSQL, and this URL says pgbouncer=true. Set DIRECT_URL to the address of PostgreSQL itself.',
    );
  }
  return url;
}

function explainConnectionError(error: unknown, url: DatabaseUrl): MigrationError {
  const reason = connectionRemedy(error, 'migrations') ?? messageOf(error);
  return new MigrationError('no-connection', `Cannot connect to ${describeDatabase(url)}. ${reason}`, {
    cause: error,
  });
}

/**
 * A pooler that is told to ignore startup parameters lets the connection through, and then the migration lock would be
 * taken on one server connection and given back on another.
 *
 * @throws MigrationError
 */
async function refusePooler(client: pg.Client, url: DatabaseUrl): Promise<void> {
  const { rows } = await client.query<{ lock_timeout: string }>('SHOW lock_timeout');
  if (rows[0]?.lock_timeout === `${DDL_LOCK_TIMEOUT_MS / 1000}s`) return;
  throw new MigrationError(
    'not-direct',
    `${describeDatabase(url)} is a pooler: it drops the settings of a new connection. Set DIRECT_URL to the address of PostgreSQL itself.`,
  );
}

const clientOptions = (url: DatabaseUrl): pg.ClientConfig => ({
  ...connectionOptions(url),
  application_name: `${url.applicationName ?? 'plinth'} migrations`,
  connectionTimeoutMillis: url.connectTimeoutMs,
  lock_timeout: DDL_LOCK_TIMEOUT_MS,
});

/** Runs `work` on one connection and closes it. */
export async function withClient<T>(url: DatabaseUrl, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(clientOptions(url));
  client.on('error', () => {
    // The query in progress, if any, fails with the same error.
  });
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => {});
    throw explainConnectionError(error, url);
  }
  try {
    await refusePooler(client, url);
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs `work` with a pool of a single connection, which is what the schema engine takes. */
export async function withSinglePool<T>(url: DatabaseUrl, work: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const { Client, allClosed } = trackClients(url.connectTimeoutMs);
  const pool = new pg.Pool({ ...clientOptions(url), Client, max: 1 });
  pool.on('error', () => {});
  try {
    return await work(pool);
  } finally {
    await pool.end();
    await allClosed();
  }
}

/**
 * Runs `work` while this instance alone may migrate the database. Others wait by asking again and again: a statement
 * that waits inside PostgreSQL would hold a snapshot, for which CREATE INDEX CONCURRENTLY waits in turn.
 *
 * @throws MigrationError `locked` after `timeoutMs`
 */
export async function withMigrationLock<T>(
  client: pg.Client,
  { timeoutMs, log }: { timeoutMs: number; log: Log },
  work: () => Promise<T>,
): Promise<T> {
  const tryLock = async (): Promise<boolean> => {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
      LOCK_KEY,
    ]);
    return rows[0]?.locked === true;
  };
  const deadline = Date.now() + timeoutMs;
  let locked = await tryLock();
  if (!locked) log(`Another instance is migrating this database; waiting up to ${timeoutMs / 1000} s.`);
  while (!locked) {
    if (Date.now() >= deadline) {
      throw new MigrationError(
        'locked',
        `Another instance has been migrating this database for more than ${timeoutMs / 1000} s. Look at its log; if it is gone, its lock ends with its connection.`,
      );
    }
    await delay(LOCK_POLL_MS);
    locked = await tryLock();
  }
  try {
    return await work();
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK_KEY]).catch(() => {});
  }
}

/**
 * Runs `work` with an empty database beside the given one, on the same server, and drops it afterwards.
 * The user needs the right CREATEDB.
 */
export async function withScratchDatabase<T>(
  url: DatabaseUrl,
  work: (scratch: DatabaseUrl) => Promise<T>,
): Promise<T> {
  const database = `plinth_scratch_${randomBytes(6).toString('hex')}`;
  return withClient(url, async (client) => {
    await client.query(`CREATE DATABASE "${database}" TEMPLATE template0`);
    try {
      return await work({ ...url, database });
    } finally {
      await client.query(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
    }
  });
}
