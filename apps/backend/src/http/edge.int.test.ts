import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { routePath } from '@plinth/contracts';
import { routesOf } from '../app.ts';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { signUp } from '../testing/factories.ts';
import { problemOf, send } from '../testing/http.ts';

let app: TestApp;
let token: string;
let orgId: string;

beforeAll(async () => {
  app = await createTestApp({ env: { BODY_LIMIT_BYTES: '2048' } });
  ({ accessToken: token, orgId } = await signUp(app));
});
afterAll(() => app.close());

const url = (path: string) => `${app.url}${path}`;
const signedIn = () => ({ authorization: `Bearer ${token}` });
const json = { 'content-type': 'application/json' };

/** `fetch` refuses to send TRACE and some headers. */
const rawStatus = (method: string, path: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
    const call = request(url(path), { method, headers }, (reply) => {
      reply.resume();
      resolve({ status: reply.statusCode ?? 0, headers: reply.headers });
    });
    call.on('error', reject);
    call.end();
  });

describe('every error is application/problem+json with the request id', () => {
  const cases: [string, () => Promise<Awaited<ReturnType<typeof send>>>, number, string][] = [
    ['an unknown address', () => send(url('/api/v1/nothing')), 404, 'not_found'],
    ['an unknown address outside the API', () => send(url('/nothing/at/all')), 404, 'not_found'],
    [
      'a method that the address does not have',
      () => send(url('/api/v1/users/me'), { method: 'DELETE' }),
      405,
      'method_not_allowed',
    ],
    ['a missing token', () => send(url('/api/v1/users/me')), 401, 'unauthenticated'],
    [
      'a token that is none',
      () => send(url('/api/v1/users/me'), { headers: { authorization: 'Bearer x.y.z' } }),
      401,
      'unauthenticated',
    ],
    [
      'another scheme',
      () => send(url('/api/v1/users/me'), { headers: { authorization: 'Basic abc' } }),
      401,
      'unauthenticated',
    ],
    [
      'malformed JSON',
      () =>
        send(url('/api/v1/orgs'), { method: 'POST', headers: { ...signedIn(), ...json }, body: '{"name":' }),
      400,
      'malformed',
    ],
    [
      'JSON sent as text',
      () =>
        send(url('/api/v1/orgs'), {
          method: 'POST',
          headers: { ...signedIn(), 'content-type': 'text/plain' },
          body: '{"name":"x"}',
        }),
      415,
      'unsupported_media_type',
    ],
    [
      'an unknown charset',
      () =>
        send(url('/api/v1/orgs'), {
          method: 'POST',
          headers: { ...signedIn(), 'content-type': 'application/json; charset=x-nope' },
          body: '{}',
        }),
      415,
      'unsupported_media_type',
    ],
    [
      'too large a body',
      () => send(url('/api/v1/orgs'), { headers: signedIn(), json: { name: 'x'.repeat(3000) } }),
      413,
      'payload_too_large',
    ],
    [
      'an unknown field',
      () => send(url('/api/v1/orgs'), { headers: signedIn(), json: { name: 'x', admin: true } }),
      400,
      'invalid_input',
    ],
    [
      'an id that is none',
      () => send(url('/api/v1/orgs/1/members'), { headers: signedIn() }),
      400,
      'invalid_input',
    ],
    [
      'a path that cannot be decoded',
      () => send(url('/api/v1/orgs/%E0%A4%A/members'), { headers: signedIn() }),
      400,
      'malformed',
    ],
    [
      'a parameter given twice',
      () => send(url(`/api/v1/orgs/${orgId}/audit?limit=1&limit=2`), { headers: signedIn() }),
      400,
      'invalid_input',
    ],
    [
      'a parameter that nobody asked for',
      () => send(url('/api/v1/users/me?admin=true'), { headers: signedIn() }),
      400,
      'invalid_input',
    ],
  ];
  test.each(cases)('%s', async (_what, call, status, code) => {
    expect(problemOf(await call())).toMatchObject({ status, code });
  });

  test('405 says which methods there are', async () => {
    const reply = await send(url('/api/v1/users/me'), { method: 'DELETE' });
    expect(reply.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'PATCH']);
  });

  test('401 says how to sign in', async () => {
    expect((await send(url('/api/v1/users/me'))).headers.get('www-authenticate')).toBe('Bearer');
  });

  test('TRACE is refused', async () => {
    expect((await rawStatus('TRACE', '/api/v1/users/me')).status).toBe(405);
  });
});

describe('input', () => {
  test('with a prototype in it is refused, however deep', async () => {
    for (const body of [
      '{"name":"x","__proto__":{"admin":true}}',
      '{"__proto__":{"name":"x"}}',
      '{"name":"x","constructor":{"prototype":{}}}',
    ]) {
      const reply = await send(url('/api/v1/orgs'), {
        method: 'POST',
        headers: { ...signedIn(), ...json },
        body,
      });
      expect(problemOf(reply).status).toBe(400);
    }
    expect({}).not.toHaveProperty('admin');
  });

  test('that looks like SQL is text and nothing else', async () => {
    const name = `x'); DROP TABLE users; --`;
    const reply = await send(url('/api/v1/orgs'), { headers: signedIn(), json: { name } });
    expect(reply.status).toBe(201);
    expect(reply.json()).toMatchObject({ name });
  });

  test('keeps no control characters', async () => {
    const reply = await send(url('/api/v1/orgs'), { headers: signedIn(), json: { name: 'a\u0000b' } });
    expect(problemOf(reply)).toMatchObject({ status: 400, errors: [{ field: 'name' }] });
  });
});

describe('headers', () => {
  const EXPECTED = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'strict-transport-security': 'max-age=31536000; includeSubDomains; preload',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'permissions-policy': 'geolocation=(), microphone=(), camera=()',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'x-xss-protection': '0',
    'content-security-policy': "default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'",
  };
  test.each(['/health', '/api/v1/users/me', '/nothing', '/api/v1/about'])(
    'of %s are all there',
    async (path) => {
      const { headers } = await send(url(path));
      for (const [name, value] of Object.entries(EXPECTED))
        expect([name, headers.get(name)]).toEqual([name, value]);
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('cache-control')).toBe('no-store');
    },
  );

  test('a harmless request id is kept, any other is replaced', async () => {
    const idFor = async (given: string) =>
      (await rawStatus('GET', '/health', { 'x-request-id': given })).headers['x-request-id'];
    expect(await idFor('abc-123.DEF_4')).toBe('abc-123.DEF_4');
    for (const bad of ['short', 'x'.repeat(65), 'with space inside', '<script>alert(1)</script>'])
      expect(await idFor(bad)).not.toBe(bad);
  });

  test('a foreign origin is not told that it may read', async () => {
    const ask = (origin: string) => send(url('/api/v1/about'), { headers: { origin } });
    expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    expect((await ask('http://localhost:3000')).headers.get('access-control-allow-origin')).toBe(
      'http://localhost:3000',
    );
  });

  test('X-Forwarded-For changes nothing without a trusted proxy', async () => {
    await send(url('/api/v1/auth/login'), {
      headers: { 'x-forwarded-for': '203.0.113.9' },
      json: { email: 'nobody@example.com', password: 'wrong' },
    });
    const refusals = app.logLines.filter((line) => line.includes('invalid_credentials'));
    expect(refusals.map((line) => JSON.parse(line).ip)).toEqual(['127.0.0.1']);
  });

  test('are on what never reaches Express, too: replies of the socket and broken requests', async () => {
    const polled = await send(url('/socket.io/?EIO=4&transport=polling'));
    expect(polled.headers.get('x-content-type-options')).toBe('nosniff');
    expect(polled.headers.get('strict-transport-security')).toContain('max-age=31536000');

    const { port } = new URL(app.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.end('GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n');
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/strict-transport-security: max-age=31536000/i);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: 400, code: 'malformed' });
  });
});

describe('the routes', () => {
  test('are all known to the binder: nothing is mounted past it', () => {
    const bound = routesOf(app.platform, app.composition);
    const known = new Set(
      bound.map(
        ({ contract }) => `${contract.method} ${routePath(contract as Parameters<typeof routePath>[0])}`,
      ),
    );
    const mounted = app.express.router.stack.flatMap(({ route }) => {
      const methods = new Set(
        route?.stack.map(({ method }) => method).filter((method) => method !== undefined),
      );
      return [...methods].map((method) => `${method} ${route?.path}`);
    });
    expect(mounted.length).toBeGreaterThan(15);
    expect(mounted.filter((route) => !known.has(route))).toEqual([]);
    expect([...known].filter((route) => !mounted.includes(route))).toEqual([]);
  });

  test('all declare who may call them', () => {
    for (const { contract } of routesOf(app.platform, app.composition)) expect(contract.access).toBeDefined();
  });

  test('that are not public answer 401 without a token, whatever else is wrong', async () => {
    const guarded = routesOf(app.platform, app.composition).filter(
      ({ contract }) => contract.access !== 'public',
    );
    expect(guarded.length).toBeGreaterThan(5);
    for (const { contract } of guarded) {
      const path = `/api/v1${contract.path.replaceAll(/:\w+/g, 'not-an-id')}`;
      expect([path, (await send(url(path), { method: contract.method.toUpperCase() })).status]).toEqual([
        path,
        401,
      ]);
    }
  });
});

describe('the description of the API', () => {
  test('is OpenAPI 3.1 and has every route of the contracts with its errors', async () => {
    const document = (await send(url('/openapi.json'))).json() as {
      openapi: string;
      paths: Record<string, Record<string, { responses: Record<string, unknown>; security?: unknown }>>;
    };
    expect(document.openapi).toBe('3.1.1');
    for (const route of routesOf(app.platform, app.composition)) {
      if (route.kind !== 'contract') continue;
      const path = routePath(route.contract).replaceAll(/:(\w+)/g, '{$1}');
      const operation = document.paths[path]?.[route.contract.method];
      expect([path, Object.keys(operation?.responses ?? {})]).toEqual([
        path,
        expect.arrayContaining([String(route.contract.status), 'default']),
      ]);
      expect(operation?.security !== undefined).toBe(route.contract.access !== 'public');
    }
  });

  test('has a page to read it on, with scripts from here only', async () => {
    const page = await send(url('/docs'));
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    for (const asset of [
      '/docs/assets/swagger-ui.css',
      '/docs/assets/swagger-ui-bundle.js',
      '/docs/start.js',
    ]) {
      expect((await send(url(asset))).status).toBe(200);
    }
  });
});

describe('probes and metrics', () => {
  test('health, liveness and readiness answer as agreed', async () => {
    expect((await send(url('/health'))).json()).toEqual({ status: 'healthy' });
    expect((await send(url('/healthz'))).json()).toEqual({ status: 'alive' });
    expect((await send(url('/readyz'))).json()).toEqual({
      status: 'ready',
      checks: { database: { status: 'up', required: true }, redis: { status: 'off', required: false } },
    });
  });

  test('metrics count requests by route template, never by raw path', async () => {
    await send(url('/api/v1/orgs/0198a1b2-0000-7000-8000-00000000abcd'), { headers: signedIn() });
    const { text: metrics } = await send(url('/metrics'));
    expect(metrics).toMatch(
      /http_requests_total\{method="GET",route="\/api\/v1\/orgs\/:orgId",status="404"\} \d+/,
    );
    expect(metrics).not.toContain('00000000abcd');
    for (const name of [
      'http_request_duration_seconds_bucket',
      'active_connections',
      'database_pool_connections',
      'nodejs_eventloop_lag_seconds',
    ]) {
      expect(metrics).toContain(name);
    }
  });
});
