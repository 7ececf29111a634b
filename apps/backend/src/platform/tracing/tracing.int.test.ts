import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { type BuiltApp, startBuiltApp } from '../../testing/built-app.ts';
import { createTestDatabase, testServers } from '../../testing/create-test-app.ts';
import { clientOf, signUp } from '../../testing/factories.ts';
import { problemOf, send } from '../../testing/http.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../../testing/otlp-receiver.ts';
import { createSentryReceiver, errorsIn, type SentryReceiver } from '../../testing/sentry-receiver.ts';
import { until } from '../../testing/until.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let otlp: OtlpReceiver;
let sentry: SentryReceiver;
let app: BuiltApp;

beforeAll(async () => {
  [database, otlp, sentry] = await Promise.all([
    createTestDatabase(),
    createOtlpReceiver(),
    createSentryReceiver(),
  ]);
  app = await startBuiltApp({
    databaseUrl: database.url,
    redisUrl: testServers.redis(),
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
      SENTRY_DSN: sentry.dsn,
      SENTRY_ENVIRONMENT: 'rehearsal',
      SENTRY_TRACES_SAMPLE_RATE: '0',
      APP_VERSION: '1.2.3',
      LOG_LEVEL: 'debug',
      METRICS_TOKEN: randomBytes(24).toString('hex'),
    },
  });
});
afterAll(async () => {
  await app?.close();
  await Promise.all([otlp.close(), sentry.close()]);
  await database.drop();
});

/** A caller who has decided to trace this request. */
const sampled = () => {
  const traceId = randomBytes(16).toString('hex');
  return { traceId, headers: { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` } };
};
const spansOf = (traceId: string) => otlp.records.filter((span) => span.traceId === traceId);
const errors = () => errorsIn(sentry.records);

describe('one request, in the built artefact', () => {
  test('is one trace with exactly one server span and the span of its query', async () => {
    const person = await signUp(clientOf(app.url));
    const { traceId, headers } = sampled();
    const reply = await send(`${app.url}/api/v1/users/me`, {
      headers: { ...headers, authorization: `Bearer ${person.accessToken}` },
    });
    expect(reply.status).toBe(200);
    await otlp.waitFor(
      (spans) => spans.some((span) => span.traceId === traceId && span.kind === 'server'),
      15_000,
    );

    const servers = spansOf(traceId).filter(({ kind }) => kind === 'server');
    expect(servers).toHaveLength(1);
    expect(servers[0]).toMatchObject({ service: 'plinth-api', name: 'GET /api/v1/users/me' });
    const queries = spansOf(traceId).filter(
      ({ scope, kind }) => scope.includes('instrumentation-pg') && kind === 'client',
    );
    expect(queries.map(({ parentSpanId }) => parentSpanId)).toEqual([servers[0]?.spanId]);
    expect(JSON.stringify(queries[0]?.attributes)).toContain('FROM users WHERE id = $1');
    expect(spansOf(traceId).filter(({ scope }) => scope.includes('express'))).toEqual([]);
  });

  test('that goes through Prisma has the spans of its queries too', async () => {
    const person = await signUp(clientOf(app.url));
    const { traceId, headers } = sampled();
    await send(`${app.url}/api/v1/orgs`, {
      headers: { ...headers, authorization: `Bearer ${person.accessToken}` },
    });
    await otlp.waitFor(
      (spans) => spans.some((span) => span.traceId === traceId && span.kind === 'server'),
      15_000,
    );
    expect(
      spansOf(traceId).filter(({ scope }) => scope.includes('instrumentation-pg')).length,
    ).toBeGreaterThan(0);
    expect(spansOf(traceId).filter(({ kind }) => kind === 'server')).toHaveLength(1);
  });

  test('that nobody asked to trace makes no span at a rate of 0', async () => {
    const before = otlp.records.length;
    await send(`${app.url}/api/v1/about`);
    const { traceId, headers } = sampled();
    await send(`${app.url}/api/v1/about`, { headers });
    await otlp.waitFor((spans) => spans.some((span) => span.traceId === traceId), 15_000);
    expect(otlp.records.slice(before).every((span) => span.traceId === traceId)).toBe(true);
  });

  test('has its trace id in the access log', async () => {
    const { traceId, headers } = sampled();
    const reply = await send(`${app.url}/api/v1/about`, { headers });
    const requestId = reply.headers.get('x-request-id');
    await until(() => app.lines.some((line) => line.includes(traceId)));
    const entry = JSON.parse(app.lines.find((line) => line.includes(traceId)) ?? '{}');
    expect(entry).toMatchObject({
      requestId,
      traceId,
      method: 'GET',
      path: '/api/v1/about',
      route: '/api/v1/about',
      status: 200,
    });
  });
});

describe('an unexpected error', () => {
  test('is one envelope with the trace id and the request id of the answer, and tells the client nothing', async () => {
    const person = await signUp(clientOf(app.url));
    const breakIt = new pg.Client({ connectionString: database.url });
    await breakIt.connect();
    const { traceId, headers } = sampled();
    try {
      await breakIt.query('ALTER TABLE organizations RENAME COLUMN name TO gone');
      const reply = await send(`${app.url}/api/v1/orgs`, {
        headers: { ...headers, authorization: `Bearer ${person.accessToken}` },
      });
      const problem = problemOf(reply);
      expect(problem).toMatchObject({ status: 500, code: 'internal', traceId });
      expect(reply.text).not.toMatch(/prisma|select|column|gone|stack/i);

      await sentry.waitFor(() => errors().length > 0, 15_000);
      expect(errors()).toHaveLength(1);
      expect(errors()[0]).toMatchObject({
        traceId,
        release: 'plinth-api@1.2.3',
        environment: 'rehearsal',
        userId: person.user.id,
      });
      expect(Object.values(errors()[0]?.tags ?? {})).toContain(problem.requestId);
    } finally {
      await breakIt.query('ALTER TABLE organizations RENAME COLUMN gone TO name');
      await breakIt.end();
    }
  });
});

test('no password, token or cookie gets into logs, spans or envelopes', async () => {
  const canary = {
    password: 'canary-password-7f3a',
    token: 'canary.token.9b1c',
    cookie: 'canary-cookie-2d4e',
    key: 'canary-key-5a6b',
  };
  const email = `canary-${crypto.randomUUID()}@example.com`;
  const { traceId, headers } = sampled();
  const all = {
    ...headers,
    authorization: `Bearer ${canary.token}`,
    cookie: `__Host-refresh=${canary.cookie}`,
    'x-api-key': canary.key,
    'x-csrf-token': canary.cookie,
  };
  const signedUp = await send(`${app.url}/api/v1/auth/sign-up`, {
    headers: all,
    json: { email, password: canary.password, name: 'Canary', organizationName: 'Mine' },
  });
  expect(signedUp.status).toBe(201);
  const { accessToken, refreshToken } = signedUp.json() as { accessToken: string; refreshToken: string };
  await send(`${app.url}/api/v1/auth/login`, {
    headers: all,
    json: { email, password: `${canary.password}!` },
  });
  await send(`${app.url}/api/v1/auth/refresh`, { headers: all, json: { refreshToken } });
  await send(`${app.url}/api/v1/auth/refresh`, { headers: all, json: {} });
  await send(`${app.url}/api/v1/orgs?token=${canary.token}&password=${canary.password}`, { headers: all });
  await send(`${app.url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { ...all, 'content-type': 'application/json' },
    body: `{"password":"${canary.password}"`,
  });

  const breakIt = new pg.Client({ connectionString: database.url });
  await breakIt.connect();
  const reported = errors().length;
  try {
    await breakIt.query('ALTER TABLE users RENAME COLUMN name TO gone');
    await send(`${app.url}/api/v1/auth/login`, { headers: all, json: { email, password: canary.password } });
    await sentry.waitFor(() => errors().length > reported, 15_000);
  } finally {
    await breakIt.query('ALTER TABLE users RENAME COLUMN gone TO name');
    await breakIt.end();
  }
  await otlp.waitFor((spans) => spans.some((span) => span.traceId === traceId), 15_000);
  await until(() => app.lines.filter((line) => line.includes('/api/v1/auth/login')).length >= 3);

  const places = { logs: app.lines.join('\n'), spans: otlp.text(), envelopes: sentry.text() };
  const secrets = [...Object.values(canary), accessToken, refreshToken, refreshToken.split('.')[2] ?? ''];
  for (const [place, text] of Object.entries(places)) {
    expect(text.length).toBeGreaterThan(100);
    for (const secret of secrets)
      expect([place, secret, text.includes(secret)]).toEqual([place, secret, false]);
  }
});
