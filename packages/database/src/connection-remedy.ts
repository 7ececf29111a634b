/** What an operator can do about a database that cannot be reached. Pure. */
import { classifyDatabaseError, sqlState } from './errors.ts';
import { codeOf, textProperty } from './unknown-error.ts';

export type ConnectionPurpose = 'queries' | 'migrations';

/** A function gets the name of the variable to correct. */
type Remedy = string | ((variable: string) => string);

const VARIABLES: Readonly<Record<ConnectionPurpose, string>> = {
  queries: 'DATABASE_URL',
  migrations: 'DIRECT_URL or DATABASE_URL',
};

const WRONG_CREDENTIALS: Remedy = (variable) =>
  `User or password is refused: correct both in ${variable}; special characters are percent-encoded. Behind PgBouncer its auth_file or auth_query must know the user, too.`;
const NO_DATABASE: Remedy = (variable) =>
  `The database does not exist: create it with CREATE DATABASE, or correct its name in ${variable}.`;
const TOO_MANY: Remedy = (variable) =>
  `No connection is free: lower connection_limit in ${variable}, or raise max_connections of PostgreSQL (max_client_conn of PgBouncer, CONNECTION LIMIT of the role).`;
const UNTRUSTED: Remedy = (variable) =>
  `The server's certificate is not trusted: name the authority that signed it with sslrootcert in ${variable}.`;

/** The texts of PgBouncer (its errors are all 08P01), of `pg` (without code), and of PostgreSQL where one code means many things. */
const BY_MESSAGE: readonly (readonly [RegExp, Remedy])[] = [
  [
    /unsupported startup parameter/,
    (variable) =>
      variable === VARIABLES.queries
        ? 'This is PgBouncer: add pgbouncer=true to DATABASE_URL.'
        : 'This is PgBouncer: set DIRECT_URL to the address of PostgreSQL itself.',
  ],
  [
    /statement pooling mode/,
    'PgBouncer runs with pool_mode = statement, in which no transaction is possible: set pool_mode = transaction.',
  ],
  [
    /query_wait_timeout/,
    'PgBouncer has no server connection free: see that PostgreSQL runs and takes its password, then raise default_pool_size.',
  ],
  [/SASL authentication failed|no such user|SCRAM|client password must be a string/, WRONG_CREDENTIALS],
  [/^database ".*" does not exist$|^no such database/, NO_DATABASE],
  [/no more connections allowed|too many (?:clients|connections)/, TOO_MANY],
  [
    /server login has been failing|server_login_retry|cannot connect to server/,
    'PgBouncer cannot log in to PostgreSQL: correct host, user and password in its configuration.',
  ],
  [
    /no encryption|SSL required|SSL off/,
    (variable) => `The server demands TLS: add sslmode=verify-full to ${variable}.`,
  ],
  [
    /^no pg_hba\.conf entry/,
    (variable) =>
      `The server has no rule for this user, database and address: add it to pg_hba.conf, or correct ${variable}.`,
  ],
  [
    /does not support SSL/,
    (variable) => `The server has no TLS: turn it on there, or take sslmode out of ${variable}.`,
  ],
  [
    /^timeout expired$|timeout exceeded when trying to connect/,
    (variable) =>
      `The server does not answer in time: see host and port in ${variable}, the network, and connect_timeout and connection_limit.`,
  ],
];

const BY_SQLSTATE: Readonly<Record<string, Remedy>> = {
  '28P01': WRONG_CREDENTIALS,
  '28000': WRONG_CREDENTIALS,
  '3D000': NO_DATABASE,
  '53300': TOO_MANY,
  '57P03': 'PostgreSQL is starting or shutting down: wait.',
  '42501': (variable) =>
    `The role of ${variable} lacks a privilege: grant it what infra/postgres/init gives the application's role.`,
};

const UNREACHABLE: Remedy = (variable) =>
  `Nothing answers at this address: start PostgreSQL, or correct host and port in ${variable}.`;
const UNKNOWN_HOST: Remedy = (variable) => `The name of the host is unknown: correct it in ${variable}.`;

/** Codes of Node's sockets and of TLS; https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const BY_CODE: Readonly<Record<string, Remedy>> = {
  ECONNREFUSED: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  ENOENT: UNREACHABLE,
  ENOTFOUND: UNKNOWN_HOST,
  EAI_AGAIN: UNKNOWN_HOST,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_HAS_EXPIRED: "The server's certificate has expired: renew it.",
  CERT_NOT_YET_VALID: "The server's certificate is not valid yet: see the clocks of both machines.",
  ERR_TLS_CERT_ALTNAME_INVALID: (variable) =>
    `The server's certificate is for another name: write the host in ${variable} as the certificate has it.`,
};

/** An error of several addresses of one host holds one error for each. */
const parts = (error: unknown): readonly unknown[] =>
  error instanceof AggregateError && error.errors.length > 0 ? error.errors : [error];

/**
 * One sentence: what is wrong with the connection and what to change. It names variables and parameters and no host, user
 * or database, so it is fit for a public answer. Undefined for an error that is not about connecting.
 *
 * @param purpose decides which variable is named: migrations use DIRECT_URL where it is set
 */
export function connectionRemedy(error: unknown, purpose: ConnectionPurpose = 'queries'): string | undefined {
  for (const part of parts(error)) {
    const message = textProperty(part, 'message') ?? '';
    const state = sqlState(part) ?? '';
    const code = codeOf(part) ?? '';
    const remedy =
      (classifyDatabaseError(part) === 'unavailable' &&
        BY_MESSAGE.find(([pattern]) => pattern.test(message))?.[1]) ||
      (Object.hasOwn(BY_SQLSTATE, state) && BY_SQLSTATE[state]) ||
      (Object.hasOwn(BY_CODE, code) && BY_CODE[code]);
    if (remedy) return typeof remedy === 'function' ? remedy(VARIABLES[purpose]) : remedy;
  }
  return undefined;
}
