import { randomBytes } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { envExampleIsCurrent } from './env-example.ts';
import { ConfigurationError, loadConfig } from './index.ts';
import { parseRate } from './rate.ts';

/** Made by a machine, as each deployment should; none stands in the repository. */
const strong = (): string => randomBytes(32).toString('hex');

const GOOD = {
  DATABASE_URL: 'postgresql://plinth@localhost/plinth',
  JWT_SECRET: strong(),
  JWT_REFRESH_SECRET: strong(),
};
const PRODUCTION = { ...GOOD, NODE_ENV: 'production', WEB_ORIGIN: 'https://chat.example.com' };

const findingsOf = (env: Record<string, string>) => {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.findings;
    throw error;
  }
};
const faulty = (env: Record<string, string>) => findingsOf(env).map(({ variable }) => variable);

describe('the configuration', () => {
  test('needs three variables in development; everything else has a default', () => {
    const config = loadConfig(GOOD);
    expect(config.server.port).toBe(4000);
    expect(config.tokens.accessTtlS).toBe(900);
    expect(faulty({})).toEqual(['DATABASE_URL', 'JWT_SECRET', 'JWT_REFRESH_SECRET']);
  });

  test('reports everything that is wrong at once, each with a remedy', () => {
    const findings = findingsOf({ ...GOOD, PORT: 'eighty', JWT_SECRET: 'short', RATE_LIMIT_AUTH: 'often' });
    expect(findings.map(({ variable }) => variable)).toEqual(['PORT', 'JWT_SECRET', 'RATE_LIMIT_AUTH']);
    for (const { remedy } of findings) expect(remedy.length).toBeGreaterThan(10);
  });

  test('the message of the error names each variable and how to mend it', () => {
    expect(() => loadConfig({ ...GOOD, JWT_SECRET: 'short' })).toThrow(
      /JWT_SECRET must have at least 32 characters\.\n +→ .*openssl rand/,
    );
  });

  test('refuses one secret for both kinds of token', () => {
    expect(faulty({ ...GOOD, JWT_REFRESH_SECRET: GOOD.JWT_SECRET })).toEqual(['JWT_REFRESH_SECRET']);
  });

  test.each(['*', 'https://a.example.com/path', 'a.example.com'])('refuses %s as a CORS origin', (origin) => {
    expect(faulty({ ...PRODUCTION, CORS_ORIGINS: origin })).toEqual(['CORS_ORIGINS']);
  });

  test('refuses "true" as trusted proxy, which would believe every client', () => {
    expect(faulty({ ...GOOD, TRUST_PROXY: 'true' })).toEqual(['TRUST_PROXY']);
    expect(loadConfig({ ...GOOD, TRUST_PROXY: '2' }).server.trustProxy).toBe(2);
    expect(loadConfig({ ...GOOD, TRUST_PROXY: '10.0.0.0/8, ::1' }).server.trustProxy).toEqual([
      '10.0.0.0/8',
      '::1',
    ]);
  });

  test.each(['two words', 'a:b', 'x'.repeat(65), '{tag}'])('refuses %j as a Redis namespace', (namespace) => {
    expect(faulty({ ...GOOD, REDIS_NAMESPACE: namespace })).toEqual(['REDIS_NAMESPACE']);
  });

  test('development lets a newcomer try every demo account again and again; production stays strict', () => {
    const [gentle, strict] = [loadConfig(GOOD).rateLimits, loadConfig(PRODUCTION).rateLimits];
    expect(gentle.auth.rate.limit).toBeGreaterThanOrEqual(7 * 20);
    expect(strict.auth.rate).toEqual({ limit: 10, windowMs: 300_000 });
    expect(strict.general.rate).toEqual({ limit: 1000, windowMs: 3_600_000 });
  });

  test('an empty variable counts as unset', () => {
    expect(loadConfig({ ...GOOD, PORT: '', REDIS_URL: '' }).server.port).toBe(4000);
  });
});

describe('in production', () => {
  test('good values pass, and the strict defaults hold', () => {
    const config = loadConfig(PRODUCTION);
    expect(config.server.docs).toBe(false);
    expect(config.metrics.open).toBe(false);
    expect(config.cookies).toEqual({
      secure: true,
      refresh: '__Host-refresh',
      csrf: '__Host-csrf',
      device: '__Host-device',
    });
  });

  test('the public address must be given and use TLS', () => {
    const { WEB_ORIGIN, ...without } = PRODUCTION;
    expect(faulty(without)).toEqual(['WEB_ORIGIN']);
    expect(faulty({ ...PRODUCTION, WEB_ORIGIN: 'http://chat.example.com' })).toEqual(['WEB_ORIGIN']);
  });

  test('cheap password hashes are refused', () => {
    expect(faulty({ ...PRODUCTION, PASSWORD_HASH_KIB: '19455' })).toEqual(['PASSWORD_HASH_KIB']);
    expect(loadConfig(PRODUCTION).passwords.memoryKib).toBe(19_456);
  });

  test('placeholder secrets are refused', () => {
    expect(faulty({ ...PRODUCTION, JWT_SECRET: 'change-me-change-me-change-me-change-me' })).toEqual([
      'JWT_SECRET',
    ]);
    expect(faulty({ ...PRODUCTION, JWT_REFRESH_SECRET: 'a'.repeat(40) })).toEqual(['JWT_REFRESH_SECRET']);
  });
});

test('.env.example says what the schema says', () => {
  expect(envExampleIsCurrent()).toBe(true);
});

test.each([
  ['60/minute', { limit: 60, windowMs: 60_000 }],
  ['10/5 minutes', { limit: 10, windowMs: 300_000 }],
  ['1000 / hour', { limit: 1000, windowMs: 3_600_000 }],
  ['0/minute', undefined],
  ['60 per minute', undefined],
])('the rate %s is read as %j', (text, expected) => {
  expect(parseRate(text)).toEqual(expected);
});

describe('what production refuses, naming the variable and no secret', () => {
  const STRONG = strong();
  test.each([
    ['JWT_SECRET', 'abcdefghijklmnopqrstuvwxyz0123456789'],
    ['JWT_SECRET', 'qwertyuiopasdfghjklzxcvbnm1234567890'],
    ['JWT_REFRESH_SECRET', 'changeme-changeme-changeme-changeme'],
    ['JWT_PREVIOUS_SECRETS', 'abcdefghijklmnopqrstuvwxyz0123456789'],
    ['JWT_PREVIOUS_SECRETS', 'your-256-bit-secret-your-256-bit-secret'],
    ['JWT_PREVIOUS_REFRESH_SECRETS', 'development-development-development'],
    ['METRICS_TOKEN', 'changeme-changeme'],
    ['DATABASE_URL', 'postgresql://plinth:plinth@db/plinth'],
    ['DATABASE_URL', 'postgresql://plinth_app:changeme@db/plinth'],
    ['REDIS_URL', 'redis://:changeme@redis:6379'],
    ['REDIS_URL', 'redis://default:redis@redis:6379'],
    ['METRICS_TOKEN', '1234567890123456'],
    ['DATABASE_URL', 'postgresql://postgres:postgres@db/plinth'],
    ['DATABASE_URL', 'postgresql://app@db.internal/chat'],
    ['DATABASE_URL', 'postgresql://app:password@db/chat'],
    ['REDIS_URL', 'redis://redis:6379'],
    ['CORS_ORIGINS', 'http://a.example.com'],
  ])('%s=%s', (variable, value) => {
    const findings = findingsOf({ ...PRODUCTION, [variable]: value });
    expect(new Set(findings.map((finding) => finding.variable))).toEqual(new Set([variable]));
    for (const { remedy } of findings) expect(remedy).toMatch(/openssl rand|requirepass|Take it out|https/);
    if (!variable.endsWith('ORIGINS')) expect(JSON.stringify(findings)).not.toContain(value.slice(-12));
  });

  test.each([
    ['DATABASE_URL', 'a public network without TLS', `postgresql://app:${STRONG}@db.example.com/chat`],
    ['REDIS_URL', 'a public network without TLS', `redis://:${STRONG}@redis.example.com:6379`],
    ['JWT_PREVIOUS_REFRESH_SECRETS', 'a secret with another purpose', PRODUCTION.JWT_SECRET],
    ['METRICS_TOKEN', 'a secret with another purpose', PRODUCTION.JWT_SECRET],
    ['REDIS_URL', 'a secret with another purpose', `redis://:${PRODUCTION.JWT_REFRESH_SECRET}@redis:6379`],
  ])('%s: %s', (variable, _what, value) => {
    const findings = findingsOf({ ...PRODUCTION, [variable]: value });
    expect(findings.map((finding) => finding.variable)).toEqual([variable]);
    expect(JSON.stringify(findings)).not.toMatch(/[0-9a-f]{64}/);
  });

  test.each([
    ['DATABASE_URL', 'through PgBouncer', `postgresql://app:${STRONG}@db/chat?pgbouncer=true`],
    ['DATABASE_URL', 'with TLS', `postgresql://app:${STRONG}@db.example.com/chat?sslmode=verify-full`],
    ['REDIS_URL', 'in a private network', `redis://:${STRONG}@redis:6379`],
    ['REDIS_URL', 'with TLS', `rediss://:${STRONG}@redis.example.com:6380/2`],
    ['METRICS_TOKEN', 'of its own', STRONG],
    ['CORS_ORIGINS', 'with https or local', 'https://a.example.com, http://localhost:3000'],
  ])('but not %s %s', (variable, _what, value) => {
    expect(faulty({ ...PRODUCTION, [variable]: value })).toEqual([]);
  });
});

describe('a secret that stands in the repository', () => {
  const ROOT = resolve(import.meta.dirname, '../../../..');
  const SECRET =
    /\b(?:JWT_(?:PREVIOUS_)?(?:REFRESH_)?SECRETS?|METRICS_TOKEN|(?:POSTGRES|OWNER|APP|REDIS|DB)_PASSWORD|requirepass)\b["']?\]?[ \t]*[:=,][ \t]*["'`]?([^\s"'`,;)]+)/g;
  const URL_PASSWORD = /\b(?:postgres(?:ql)?|rediss?):\/\/[^/@\s:]*:([^/@\s]+)@/g;

  /** Values of secret variables and passwords of addresses, in documents, examples, code and tests alike. */
  const found = globSync(
    ['**/*.{ts,tsx,mjs,js,json,md,yaml,yml,sh,sql,conf,ini,toml}', '**/*.example', '**/*Dockerfile', '.ci/*'],
    {
      cwd: ROOT,
      exclude: (name) =>
        /(?:^|\/)(?:node_modules|dist|generated|test-results|\.git|\.turbo)$|package-lock/.test(name),
    },
  ).flatMap((file) => {
    const text = readFileSync(resolve(ROOT, file), 'utf8');
    return [...text.matchAll(SECRET), ...text.matchAll(URL_PASSWORD)].map(([, value = '']) => value);
  });
  // What the shell or a template puts in, and names of variables and types in code, are no values.
  const values = [...new Set(found)].filter(
    (value) => !/[${}(<>|\\?]|^[A-Z_]+$|^[\w.]*(?:env|config)\b/.test(value),
  );

  test('is looked for where there are some', () => {
    expect(values).toEqual(expect.arrayContaining(['password', 'postgres', 'changeme']));
  });

  test.each([
    ['JWT_SECRET', (value: string) => value],
    ['JWT_REFRESH_SECRET', (value: string) => value],
    ['JWT_PREVIOUS_SECRETS', (value: string) => value],
    ['JWT_PREVIOUS_REFRESH_SECRETS', (value: string) => value],
    ['METRICS_TOKEN', (value: string) => value],
    ['DATABASE_URL', (value: string) => `postgresql://app:${encodeURIComponent(value)}@db/chat`],
    ['REDIS_URL', (value: string) => `redis://:${encodeURIComponent(value)}@redis:6379`],
  ])('is refused as %s in production', (variable, written) => {
    const accepted = values.filter((value) => {
      const findings = findingsOf({ ...PRODUCTION, [variable]: written(value) });
      return !findings.some((finding) => finding.variable === variable && finding.remedy !== '');
    });
    expect(accepted).toEqual([]);
  });
});

test.each([
  [
    'DATABASE_URL',
    'postgresql://app:hunter2hunter2@db/chat?connection_limit=abc',
    /connection_limit.*from 1 to 1000/,
  ],
  ['DATABASE_URL', 'postgresql://app:hunter2hunter2@db/chat?sslmode=maybe', /sslmode.*verify-full/],
  ['DATABASE_URL', 'postgresql://app:hunter2hunter2@db', /names no database/],
  ['DATABASE_URL', 'postgresql://app:hunter2#hunter2@db/chat', /percent-encode/],
  ['DATABASE_URL', 'postgresql://app:12?hunter2@db/chat', /percent-encode/],
  ['DATABASE_URL', 'postgresql://app:12/hunter2@db/chat', /percent-encode/],
  ['DATABASE_URL', 'postgresql://app:12?pgbouncer=hunter2@db/chat', /percent-encode/],
  ['DATABASE_URL', 'postgresql://a:b@h/d?sslmode=require&sslrootcert=/no/hunter2.pem', /sslrootcert.*ENOENT/],
  ['REDIS_URL', 'redis://:hunter2hunter2@redis/first', /number of a database/],
  ['SENTRY_DSN', 'https://sentry.example.com', /public key/],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318', /starts with http/],
  ['WEB_ORIGIN', 'https://chat.example.com/', /Write https:\/\/chat\.example\.com$/],
  ['PORT', '0x50', /from 0 to 65535; it is "0x50"/],
  ['TRUST_PROXY', '0.0.0.0/0', /everybody/],
  ['SERVE_WEB', 'maybe', /true or false; it is "maybe"/],
])('%s=%s is refused with what is wrong in it, never with a password', (variable, value, problem) => {
  const findings = findingsOf({ ...GOOD, [variable]: value });
  expect(findings).toEqual([expect.objectContaining({ variable, problem: expect.stringMatching(problem) })]);
  expect(JSON.stringify(findings)).not.toContain('hunter2');
});
