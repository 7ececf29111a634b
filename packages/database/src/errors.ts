/** Telling database errors apart, whether they come from Prisma, from `pg` or from the socket below. Pure. */

import { codeOf, property, textProperty } from './unknown-error.ts';

/** The operation did not end in its time; what it did was rolled back. */
export class DatabaseTimeoutError extends Error {
  override name = 'DatabaseTimeoutError';
}

/**
 * The work of a transaction resolved although one of its statements had failed, so PostgreSQL rolled everything back.
 * A bug of the work: an error inside a transaction has to be passed on. The cause is that error, where known.
 */
export class TransactionRolledBackError extends Error {
  override name = 'TransactionRolledBackError';

  constructor(options?: ErrorOptions) {
    super(
      'The transaction was rolled back: one of its statements failed and the error was not passed on.',
      options,
    );
  }
}

/**
 * - `unavailable`: no usable connection, or none free in time. Nothing is known about a statement under way. Try later.
 * - `timeout`: the statement, the lock or the transaction took too long and was rolled back.
 * - `unique`, `foreign-key`: the constraint is named by {@link violatedConstraint}.
 * - `not-found`: Prisma was asked for a row that must exist and does not.
 * - `serialization`: lost against a concurrent transaction (also deadlocks). Repeating the whole transaction may succeed.
 */
export type DatabaseErrorKind =
  | 'unavailable'
  | 'timeout'
  | 'unique'
  | 'foreign-key'
  | 'not-found'
  | 'serialization'
  | 'unknown';

/** SQLSTATE, PostgreSQL appendix A. Two characters stand for a whole class. */
const BY_SQLSTATE: Readonly<Record<string, DatabaseErrorKind>> = {
  '08': 'unavailable', // connection exceptions; PgBouncer's own errors are 08P01
  '28': 'unavailable', // the server refuses this user
  '3D000': 'unavailable', // no such database
  '53': 'unavailable', // too many connections, disk full, out of memory
  '57P01': 'unavailable', // shutdown by an administrator
  '57P02': 'unavailable', // crash of another session
  '57P03': 'unavailable', // starting up
  '57P05': 'unavailable', // idle session ended
  '25006': 'unavailable', // read-only: a failover made this server a standby
  '57014': 'timeout', // statement_timeout
  '55P03': 'timeout', // lock_timeout
  '25P03': 'timeout', // idle_in_transaction_session_timeout
  '25P04': 'timeout', // transaction_timeout
  '23505': 'unique',
  '23503': 'foreign-key',
  '23001': 'foreign-key', // RESTRICT
  '40001': 'serialization',
  '40P01': 'serialization', // deadlock
};

/** https://www.prisma.io/docs/orm/reference/error-reference */
const BY_PRISMA_CODE: Readonly<Record<string, DatabaseErrorKind>> = {
  P1000: 'unavailable', // authentication
  P1001: 'unavailable', // not reachable
  P1002: 'unavailable', // reached, timed out
  P1003: 'unavailable', // no such database
  P1008: 'unavailable', // socket timeout
  P1010: 'unavailable', // access denied
  P1011: 'unavailable', // TLS
  P1017: 'unavailable', // the server closed the connection
  P2024: 'unavailable', // no free connection
  P2037: 'unavailable', // too many connections
  P2002: 'unique',
  P2003: 'foreign-key',
  P2014: 'foreign-key',
  P2025: 'not-found',
  P2028: 'timeout', // interactive transaction
  P2034: 'serialization',
};

const SOCKET_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);

/** `pg` and Prisma give these no code; the tests against real servers show that the texts are still the same. */
const BY_MESSAGE: readonly (readonly [RegExp, DatabaseErrorKind])[] = [
  [/^timeout exceeded when trying to connect/, 'unavailable'],
  [/^timeout expired$/, 'unavailable'],
  [/^Connection terminated/, 'unavailable'],
  [/is not queryable$/, 'unavailable'],
  [/^Cannot use a pool after calling end/, 'unavailable'],
  [/Unable to start a transaction in the given time/, 'unavailable'],
  [/^The server does not support SSL connections/, 'unavailable'],
  [/^Query read timeout$/, 'timeout'],
];

/** What Prisma's driver adapter knew: in `meta` of a Prisma error, or the cause of the adapter's own error. */
const adapterCause = (error: unknown): unknown =>
  property(property(property(error, 'meta'), 'driverAdapterError'), 'cause') ?? property(error, 'cause');

/** The SQLSTATE behind an error, when PostgreSQL or PgBouncer sent one. */
export function sqlState(error: unknown): string | undefined {
  const original = textProperty(adapterCause(error), 'originalCode');
  if (original !== undefined) return original;
  const code = codeOf(error);
  // Only errors of the server have a severity; Node's and Prisma's codes may be five characters long as well.
  return property(error, 'severity') !== undefined && code !== undefined && /^[0-9A-Z]{5}$/.test(code)
    ? code
    : undefined;
}

/** What kind of failure this is, for choosing between a retry, an answer to the client and a report. */
export function classifyDatabaseError(error: unknown): DatabaseErrorKind {
  if (error instanceof DatabaseTimeoutError) return 'timeout';
  if (error instanceof TransactionRolledBackError) return 'unknown';
  const state = sqlState(error);
  const byState = state === undefined ? undefined : (BY_SQLSTATE[state] ?? BY_SQLSTATE[state.slice(0, 2)]);
  if (byState) return byState;

  const message = textProperty(error, 'message') ?? '';
  const byMessage = BY_MESSAGE.find(([pattern]) => pattern.test(message))?.[1];
  if (byMessage) return byMessage;

  const code = codeOf(error) ?? textProperty(error, 'errorCode') ?? '';
  if (SOCKET_CODES.has(code)) return 'unavailable';
  return (Object.hasOwn(BY_PRISMA_CODE, code) && BY_PRISMA_CODE[code]) || 'unknown';
}

/**
 * Name of the unique or foreign-key constraint that a statement violated, for example `users_email_key`: the same for
 * Prisma and `pg`. Undefined for any other error.
 */
export function violatedConstraint(error: unknown): string | undefined {
  const kind = classifyDatabaseError(error);
  if (kind !== 'unique' && kind !== 'foreign-key') return undefined;
  return (
    textProperty(error, 'constraint') ?? textProperty(property(adapterCause(error), 'constraint'), 'index')
  );
}
