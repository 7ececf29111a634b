/** What production refuses: secrets that can be guessed, default credentials, connections that can be read. */
import { parseDatabaseUrl } from '@plinth/database/url';
import { isLoopback, isPrivateHost } from './addresses.ts';
import type { Finding } from './configuration-error.ts';
import { secretWeakness } from './secret-strength.ts';
import { type Env, OWASP_HASH_KIB, type VariableName } from './variables.ts';

/** A key that signs can be tried offline, as fast as the attacker's machines are. */
const SIGNING_BITS = 100;
/** A password can be tried over the network only. */
const PASSWORD_BITS = 48;

const NEW_SECRET = 'Make a random one with: openssl rand -base64 48';
const NEW_PASSWORD = 'Give that user a password of its own; make one with: openssl rand -hex 24';

interface Secret {
  readonly variable: VariableName;
  /** What it is when the variable holds more than it. */
  readonly part?: string;
  readonly value: string;
  readonly minBits: number;
  readonly remedy: string;
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

function secretsOf(env: Partial<Env>): Secret[] {
  const secrets: Secret[] = [];
  const add = (
    variable: VariableName,
    value: string | undefined,
    minBits: number,
    remedy: string,
    part?: string,
  ) => {
    if (value) secrets.push({ variable, value, minBits, remedy, ...(part && { part }) });
  };
  add('JWT_SECRET', env.JWT_SECRET, SIGNING_BITS, NEW_SECRET);
  add('JWT_REFRESH_SECRET', env.JWT_REFRESH_SECRET, SIGNING_BITS, NEW_SECRET);
  // A former secret is still believed, so a weak one opens as much as a weak new one.
  for (const name of ['JWT_PREVIOUS_SECRETS', 'JWT_PREVIOUS_REFRESH_SECRETS'] as const) {
    for (const [index, value] of (env[name] ?? []).entries())
      add(name, value, SIGNING_BITS, 'Take it out: nobody may sign with it any more.', `number ${index + 1}`);
  }
  add('METRICS_TOKEN', env.METRICS_TOKEN, PASSWORD_BITS, 'Make a random one with: openssl rand -hex 24');
  if (env.DATABASE_URL) {
    const { password } = parseDatabaseUrl(env.DATABASE_URL);
    add('DATABASE_URL', password, PASSWORD_BITS, NEW_PASSWORD, 'the password');
  }
  if (env.REDIS_URL) {
    const password = decoded(new URL(env.REDIS_URL).password);
    add('REDIS_URL', password, PASSWORD_BITS, NEW_PASSWORD, 'the password');
  }
  return secrets;
}

function secretFindings(env: Partial<Env>): Finding[] {
  const owners = new Map<string, Secret>();
  return secretsOf(env).flatMap((secret) => {
    const { variable, part, value, minBits, remedy } = secret;
    const subject = part ? `has a fault: ${part} ` : '';
    const weakness = secretWeakness(value, minBits);
    const owner = owners.get(value);
    if (!owner) owners.set(value, secret);
    // JWT_SECRET and JWT_REFRESH_SECRET differ in every environment: see crossCheck.
    const told = variable === 'JWT_REFRESH_SECRET' && owner?.variable === 'JWT_SECRET';
    const findings: Finding[] = [];
    if (weakness && !told) findings.push({ variable, problem: `${subject}${weakness}`, remedy });
    if (owner && !told)
      findings.push({
        variable,
        problem: `${subject}is the same as ${owner.part ? `${owner.part} of ` : ''}${owner.variable}`,
        remedy: 'Use each secret for one purpose: a leaked one must not open another door.',
      });
    return findings;
  });
}

function databaseFindings(text: string): Finding[] {
  const { host, user, password, database, tls } = parseDatabaseUrl(text);
  const local = host.startsWith('/') || isLoopback(host);
  const names = [user, database, host].map((name) => name.toLowerCase());
  const findings: Finding[] = [];
  const find = (problem: string, remedy: string) =>
    findings.push({ variable: 'DATABASE_URL', problem, remedy });
  if (password === '' && !local && tls.clientCertificate === undefined) find('has no password', NEW_PASSWORD);
  // Default credentials: postgres/postgres and their like (ASVS 13.2.3).
  if (password !== '' && names.includes(password.toLowerCase()))
    find('has a name as its password', NEW_PASSWORD);
  if (tls.mode === 'off' && !local && !isPrivateHost(host))
    find('crosses a public network without TLS', 'Add sslmode=verify-full (and sslrootcert, if needed).');
  return findings;
}

function redisFindings(text: string): Finding[] {
  const { hostname, password, protocol } = new URL(text);
  const findings: Finding[] = [];
  const find = (problem: string, remedy: string) => findings.push({ variable: 'REDIS_URL', problem, remedy });
  if (password === '' && !isLoopback(hostname))
    find(
      'has no password',
      'Set requirepass or an ACL user in Redis, and write redis://:password@host:6379.',
    );
  if (protocol === 'redis:' && !isPrivateHost(hostname))
    find('crosses a public network without TLS', 'Use rediss:// and the TLS port of that Redis.');
  return findings;
}

/** Faults that only count in production, all of them. Sees what could be read. */
export function productionFindings(env: Partial<Env>): Finding[] {
  const plain = (['WEB_ORIGIN', 'CORS_ORIGINS'] as const).flatMap((variable) =>
    [env[variable] ?? []].flat().flatMap((origin) => {
      const { protocol, hostname } = new URL(origin);
      return protocol === 'https:' || isLoopback(hostname) ? [] : [{ variable, origin }];
    }),
  );
  return [
    ...secretFindings(env),
    ...(env.DATABASE_URL ? databaseFindings(env.DATABASE_URL) : []),
    ...(env.REDIS_URL ? redisFindings(env.REDIS_URL) : []),
    ...(env.PASSWORD_HASH_KIB !== undefined && env.PASSWORD_HASH_KIB < OWASP_HASH_KIB
      ? [
          {
            variable: 'PASSWORD_HASH_KIB' as const,
            problem: `is ${env.PASSWORD_HASH_KIB}, which makes passwords cheap to guess from a stolen database`,
            remedy: `Leave it unset, or set at least ${OWASP_HASH_KIB}.`,
          },
        ]
      : []),
    ...plain.map(({ variable, origin }) => ({
      variable,
      problem: `holds ${origin}, which is plain http`,
      remedy: 'Put TLS in front and use https://; only localhost may do without.',
    })),
  ];
}
