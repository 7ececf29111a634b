import { describe, expect, test } from '@jest/globals';
import { envExampleIsCurrent } from './env-example.ts';
import { ConfigurationError, loadConfig } from './index.ts';
import { parseRate } from './rate.ts';

const GOOD = {
  DATABASE_URL: 'postgresql://plinth@localhost/plinth',
  JWT_SECRET: 'k3J9x-qP0zVb7LmN2sWd8RtY5uHfGc1A',
  JWT_REFRESH_SECRET: 'Zr6Tn-4MwEo9XjQv1KyBs8CpLd3UaHi7',
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
  const STRONG = 'f3Qz8LmN2sWd8RtY5uHfGc1A';
  test.each([
    ['JWT_SECRET', 'abcdefghijklmnopqrstuvwxyz0123456789'],
    ['JWT_SECRET', 'qwertyuiopasdfghjklzxcvbnm1234567890'],
    ['JWT_REFRESH_SECRET', 'changeme-changeme-changeme-changeme'],
    ['JWT_PREVIOUS_SECRETS', 'abcdefghijklmnopqrstuvwxyz0123456789'],
    ['JWT_PREVIOUS_REFRESH_SECRETS', PRODUCTION.JWT_SECRET],
    ['METRICS_TOKEN', '1234567890123456'],
    ['DATABASE_URL', 'postgresql://postgres:postgres@db/plinth'],
    ['DATABASE_URL', 'postgresql://app@db.internal/chat'],
    ['DATABASE_URL', 'postgresql://app:password@db/chat'],
    ['DATABASE_URL', `postgresql://app:${STRONG}@db.example.com/chat`],
    ['REDIS_URL', 'redis://redis:6379'],
    ['REDIS_URL', `redis://:${STRONG}@redis.example.com:6379`],
    ['CORS_ORIGINS', 'http://a.example.com'],
  ])('%s=%s', (variable, value) => {
    const findings = findingsOf({ ...PRODUCTION, [variable]: value });
    expect(new Set(findings.map((finding) => finding.variable))).toEqual(new Set([variable]));
    if (!variable.endsWith('ORIGINS')) expect(JSON.stringify(findings)).not.toContain(value.slice(-12));
  });

  test.each([
    ['DATABASE_URL', `postgresql://app:${STRONG}@db/chat?pgbouncer=true`],
    ['DATABASE_URL', `postgresql://app:${STRONG}@db.example.com/chat?sslmode=verify-full`],
    ['REDIS_URL', `redis://:${STRONG}@redis:6379`],
    ['REDIS_URL', `rediss://:${STRONG}@redis.example.com:6380/2`],
    ['METRICS_TOKEN', STRONG],
    ['CORS_ORIGINS', 'https://a.example.com, http://localhost:3000'],
  ])('but not %s=%s', (variable, value) => {
    expect(faulty({ ...PRODUCTION, [variable]: value })).toEqual([]);
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
