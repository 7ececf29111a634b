/**
 * Reading a PostgreSQL connection URL with Prisma's pool parameters. Pure: no files, no network.
 *
 * No message repeats a word of the URL. A password with a `?`, `#`, `/` or `@` that is not percent-encoded ends up in
 * the host, the path, or the name or value of a parameter.
 */
import { DatabaseUrlError } from './database-url-error.ts';

const DEFAULT_PORT = 5432;
const DEFAULT_CONNECTION_LIMIT = 20;
const DEFAULT_POOL_TIMEOUT_S = 3;
const DEFAULT_CONNECT_TIMEOUT_S = 3;

/** How the server's certificate is treated. `verify` is what `require`, `verify-ca` and `verify-full` all mean here. */
export type TlsMode = 'off' | 'verify' | 'encrypt-only';

export interface TlsFiles {
  /** Path of the certificate authority that signed the server's certificate. */
  readonly rootCertificate?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
}

export interface DatabaseUrl {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** PostgreSQL schema of the application's tables. */
  readonly schema: string;
  readonly applicationName?: string;
  readonly tls: { readonly mode: TlsMode } & TlsFiles;
  /** Most connections this process opens. */
  readonly connectionLimit: number;
  /** How long a query waits for a free connection, in milliseconds. */
  readonly poolTimeoutMs: number;
  /** How long opening a new connection may take, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** The server is PgBouncer in transaction mode: no named statements, no settings in the startup packet. */
  readonly pgbouncer: boolean;
}

const TLS_MODES: Readonly<Record<string, TlsMode>> = {
  disable: 'off',
  require: 'verify',
  'verify-ca': 'verify',
  'verify-full': 'verify',
  'no-verify': 'encrypt-only',
};

const KNOWN_PARAMETERS = [
  'connection_limit',
  'pool_timeout',
  'connect_timeout',
  'pgbouncer',
  'schema',
  'application_name',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'host',
] as const;

const isKnown = (name: string): boolean => KNOWN_PARAMETERS.some((known) => known === name);

function readNumber(
  parameters: URLSearchParams,
  name: string,
  fallback: number,
  { max, unit }: { max: number; unit: string },
): number {
  const text = parameters.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > max) {
    throw new DatabaseUrlError(
      `${name} must be a whole number of ${unit} from 1 to ${max}. Example: ${name}=${fallback}.`,
    );
  }
  return value;
}

function readFlag(parameters: URLSearchParams, name: string): boolean {
  const text = parameters.get(name) ?? 'false';
  if (text !== 'true' && text !== 'false') {
    throw new DatabaseUrlError(`${name} must be true or false.`);
  }
  return text === 'true';
}

function readTls(parameters: URLSearchParams): DatabaseUrl['tls'] {
  const text = parameters.get('sslmode') ?? 'disable';
  const mode = Object.hasOwn(TLS_MODES, text) ? TLS_MODES[text] : undefined;
  if (mode === undefined) {
    throw new DatabaseUrlError(`sslmode must be one of: ${Object.keys(TLS_MODES).join(', ')}.`);
  }
  const rootCertificate = parameters.get('sslrootcert');
  const clientCertificate = parameters.get('sslcert');
  const clientKey = parameters.get('sslkey');
  if (mode === 'off' && (rootCertificate || clientCertificate || clientKey)) {
    throw new DatabaseUrlError('sslrootcert, sslcert and sslkey need encryption: add sslmode=verify-full.');
  }
  if (Boolean(clientCertificate) !== Boolean(clientKey)) {
    throw new DatabaseUrlError('sslcert and sslkey belong together: set both or neither.');
  }
  return {
    mode,
    ...(rootCertificate && { rootCertificate }),
    ...(clientCertificate && { clientCertificate }),
    ...(clientKey && { clientKey }),
  };
}

const EXPECTED =
  'Expected postgresql://user:password@host:5432/database. In user and password percent-encode special characters: ? as %3F, # as %23, / as %2F, @ as %40, : as %3A, % as %25.';

function decode(part: string, field: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new DatabaseUrlError(
      `The ${field} in the database URL is not percent-encoded correctly. Encode special characters, for example % as %25.`,
    );
  }
}

function parseUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new DatabaseUrlError(`The database URL is not a URL. ${EXPECTED}`);
  }
  if (url.protocol !== 'postgresql:' && url.protocol !== 'postgres:') {
    throw new DatabaseUrlError(
      'The database URL must start with postgresql://. Only PostgreSQL is supported.',
    );
  }
  // An address ends at the first of these, so what should have been a password may now be a path or a parameter.
  if (url.hash !== '' || /@/.test(url.pathname + url.search)) {
    throw new DatabaseUrlError(`The database URL has a # or @ after the host. ${EXPECTED}`);
  }
  return url;
}

function readHost(url: URL): string {
  const socket = url.searchParams.get('host');
  if (socket !== null && !socket.startsWith('/')) {
    throw new DatabaseUrlError(
      'host as a parameter must be the folder of a Unix socket, for example host=/var/run/postgresql. Write other hosts in front of the port.',
    );
  }
  const host = socket ?? decode(url.hostname, 'host').replace(/^\[(.*)\]$/, '$1');
  if (host === '') throw new DatabaseUrlError('The database URL names no host.');
  return host;
}

/**
 * Reads a connection URL and its parameters: `connection_limit`, `pool_timeout` and `connect_timeout` (seconds),
 * `pgbouncer`, `schema`, `application_name`, `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, `host` (Unix socket).
 * With a driver adapter Prisma ignores these silently, so nothing unknown is let through here.
 *
 * @throws DatabaseUrlError naming the parameter that is unknown, repeated or malformed
 */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  const url = parseUrl(text);
  const parameters = url.searchParams;
  for (const name of new Set(parameters.keys())) {
    if (!isKnown(name)) {
      throw new DatabaseUrlError(
        `The database URL has a parameter that is not known. Known ones: ${KNOWN_PARAMETERS.join(', ')}. When it is part of the password, percent-encode the ? there as %3F and & as %26.`,
      );
    }
    if (parameters.getAll(name).length > 1) {
      throw new DatabaseUrlError(`Parameter "${name}" is given more than once in the database URL.`);
    }
  }
  const database = decode(url.pathname.slice(1), 'database name');
  if (database === '' || database.includes('/')) {
    throw new DatabaseUrlError(`The database URL names no database. ${EXPECTED}`);
  }
  if (url.username === '') throw new DatabaseUrlError(`The database URL names no user. ${EXPECTED}`);
  const pgbouncer = readFlag(parameters, 'pgbouncer');
  const schema = parameters.get('schema') ?? 'public';
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(schema)) {
    throw new DatabaseUrlError('schema must be a plain name of letters, digits and underscores.');
  }
  if (pgbouncer && schema !== 'public') {
    throw new DatabaseUrlError(
      'schema cannot be combined with pgbouncer=true, because search_path is session state. Use a database of its own, or schema=public.',
    );
  }
  const applicationName = parameters.get('application_name');
  const limits = { max: 300, unit: 'seconds' };
  return {
    host: readHost(url),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    user: decode(url.username, 'user'),
    password: decode(url.password, 'password'),
    database,
    schema,
    ...(applicationName && { applicationName }),
    tls: readTls(parameters),
    connectionLimit: readNumber(parameters, 'connection_limit', DEFAULT_CONNECTION_LIMIT, {
      max: 1000,
      unit: 'connections',
    }),
    poolTimeoutMs: readNumber(parameters, 'pool_timeout', DEFAULT_POOL_TIMEOUT_S, limits) * 1000,
    connectTimeoutMs: readNumber(parameters, 'connect_timeout', DEFAULT_CONNECT_TIMEOUT_S, limits) * 1000,
    pgbouncer,
  };
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

/** Whether a database is on this machine: loopback address or Unix socket. */
export const isLocalDatabase = ({ host }: Pick<DatabaseUrl, 'host'>): boolean =>
  host.startsWith('/') || LOOPBACK.test(host);

/** Where a database is, fit for messages: no user, no password. */
export const describeDatabase = ({ host, port, database }: DatabaseUrl): string =>
  host.startsWith('/') ? `${database} at ${host}` : `${database} at ${host}:${port}`;
