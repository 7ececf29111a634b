import { afterEach, describe, expect, test } from '@jest/globals';
import { freePort, type RedisServer, startRedis } from '@plinth/dev-services';
import { room } from '../realtime/rooms.ts';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { signUp } from '../testing/factories.ts';
import { problemOf, send } from '../testing/http.ts';
import { exchange } from '../testing/raw-http.ts';
import { closed, connectSocket } from '../testing/sockets.ts';
import { until } from '../testing/until.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});

const start = async (env: Record<string, string>): Promise<TestApp> => {
  const app = await createTestApp({ env });
  open.push(app);
  return app;
};
const startRedisAt = async (port: number): Promise<RedisServer> => {
  const redis = await startRedis({ port });
  open.push(redis);
  return redis;
};
const login = (app: TestApp) =>
  send(`${app.url}/api/v1/auth/login`, { json: { email: 'nobody@example.com', password: 'wrong' } });
const limitKeys = async (app: TestApp) => (await app.platform.redis?.commands.keys('*:rl:*')) ?? [];

describe('a budget', () => {
  test('is told in every answer, and 429 says when to come back', async () => {
    const app = await start({ RATE_LIMIT_AUTH: '3/5 minutes' });
    const replies = [];
    for (let n = 0; n < 4; n += 1) replies.push(await login(app));
    expect(replies.map(({ status }) => status)).toEqual([401, 401, 401, 429]);
    const [first] = replies;
    expect(first?.headers.get('ratelimit-policy')).toMatch(/^"auth"; q=3; w=300/);
    expect(first?.headers.get('ratelimit')).toMatch(/^"auth"; r=2; t=\d+/);
    expect(first?.headers.get('x-ratelimit-limit')).toBe('3');
    expect(first?.headers.get('x-ratelimit-remaining')).toBe('2');

    const last = replies.at(-1);
    if (!last) throw new Error('no reply');
    const problem = problemOf(last);
    expect(problem).toMatchObject({
      code: 'rate_limited',
      retryAfter: Number(last.headers.get('retry-after')),
    });
    expect(problem.retryAfter).toBeGreaterThan(0);
    expect(problem.retryAfter).toBeLessThanOrEqual(300);
  });

  test('of ordinary routes belongs to the user, not to the address', async () => {
    const app = await start({ RATE_LIMIT_GENERAL: '5/minute' });
    const [ada, grace] = [await signUp(app, 'Ada'), await signUp(app, 'Grace')];
    const me = (token: string) =>
      send(`${app.url}/api/v1/users/me`, { headers: { authorization: `Bearer ${token}` } });
    const statuses = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await me(ada.accessToken)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429]);
    expect((await me(grace.accessToken)).status).toBe(200);
  });

  test('is shared by all instances through Redis', async () => {
    const env = {
      RATE_LIMIT_AUTH: '4/5 minutes',
      REDIS_NAMESPACE: 'two',
      REDIS_URL: (await startRedisAt(await freePort())).url,
    };
    const [one, two] = [await start(env), await start(env)];
    for (const app of [one, two])
      await until(async () => (await app.platform.redis?.commands.ping()) === 'PONG');
    const statuses = [];
    for (const app of [one, two, one, two, one, two]) statuses.push((await login(app)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429]);
  });
});

describe('what no limiter of a route has seen', () => {
  const FROM_PAGE = { origin: 'http://localhost:3000', 'access-control-request-method': 'PUT' };
  const rawly = async (app: TestApp, target: string, headers = 'Host: localhost\r\n') =>
    (await exchange(app.url, `GET ${target} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`))[0]?.status;
  const ask =
    (path: string, init: RequestInit = {}) =>
    async (app: TestApp) =>
      (await send(`${app.url}${path}`, init)).status;

  test.each<[string, (app: TestApp) => Promise<number | undefined>, number]>([
    ['another method', ask('/api/v1/auth/login', { method: 'PUT' }), 405],
    ['a method that no address has', ask('/api/v1/orgs', { method: 'PROPFIND' }), 405],
    ['a path that cannot be decoded', ask('/api/v1/orgs/%E0%A4%A'), 400],
    ['an unknown address', ask('/api/v1/nothing'), 404],
    ['an unknown address outside the API', ask('/nothing'), 404],
    ['another address at the path of the sockets', ask('/socket.io/x'), 404],
    ['a file of the reference that is none', ask('/docs/assets/nothing.js'), 404],
    ['another method at a file', ask('/docs/assets/swagger-ui.css', { method: 'POST' }), 404],
    ['a precondition', ask('/docs/assets/swagger-ui.css', { headers: { 'if-match': '"x"' } }), 412],
    [
      'a body that cannot be read where it says who asks',
      ask('/api/v1/auth/refresh', {
        method: 'POST',
        body: '{',
        headers: { 'content-type': 'application/json' },
      }),
      400,
    ],
    ['an odd expectation', (app) => rawly(app, '/', 'Host: localhost\r\nExpect: x\r\n'), 417],
    ['no Host', (app) => rawly(app, '/', ''), 400],
    ['a target that is none', (app) => rawly(app, 'http://[/'), 400],
    ['OPTIONS', ask('/api/v1/orgs', { method: 'OPTIONS' }), 204],
    [
      'the preflight of another site',
      ask('/api/v1/orgs', { method: 'OPTIONS', headers: { ...FROM_PAGE, origin: 'https://evil.example' } }),
      204,
    ],
  ])('%s is counted for the address, once', async (_what, call, status) => {
    const app = await start({ RATE_LIMIT_GENERAL: '3/hour' });
    const statuses = [];
    for (let n = 0; n < 5; n += 1) statuses.push(await call(app));
    expect(statuses).toEqual([status, status, status, 429, 429]);
  });

  test('is no preflight of our own pages, whose requests are counted', async () => {
    const app = await start({ RATE_LIMIT_GENERAL: '3/hour' });
    for (let n = 0; n < 6; n += 1)
      expect(await ask('/api/v1/orgs', { method: 'OPTIONS', headers: FROM_PAGE })(app)).toBe(204);
    expect(await ask('/api/v1/nothing')(app)).toBe(404);
  });
});

describe('Redis absent at boot and coming later', () => {
  test('limits, signals and sockets work at first without it, then with it, without a restart', async () => {
    const port = await freePort();
    const env = {
      REDIS_URL: `redis://127.0.0.1:${port}`,
      REDIS_NAMESPACE: 'two',
      RATE_LIMIT_AUTH: '50/minute',
      OUTBOX_RELAY: 'api',
    };
    const [one, two] = [await start(env), await start(env)];
    expect((await login(one)).status).toBe(401);
    expect((await send(`${one.url}/readyz`)).json()).toMatchObject({
      status: 'degraded',
      checks: { redis: { status: 'down' } },
    });
    const ada = await signUp(one, 'Ada');
    const early = await connectSocket(one.url, ada.accessToken);
    const reason = closed(early);
    await startRedisAt(port);
    await until(async () => {
      await login(one);
      return (await limitKeys(one)).some((key) => key.includes(':rl:auth:'));
    });
    for (const app of [one, two]) {
      await until(() => app.sockets.io.of('/').adapter.constructor.name === 'RedisAdapter');
    }
    expect((await send(`${one.url}/readyz`)).json()).toMatchObject({
      status: 'ready',
      checks: { redis: { status: 'up' } },
    });

    // A socket from before Redis came is asked to reconnect; from then on it hears the other instance.
    expect(await reason).toMatch(/transport (close|error)/);
    const again = await connectSocket(one.url, ada.accessToken);
    open.push({ close: async () => void again.close() });
    const heard = new Promise((resolve) => again.onAny((...event) => resolve(event)));
    two.sockets.io.to(room.user(ada.user.id)).emit('greeting', 'from the other instance');
    expect(await heard).toEqual(['greeting', 'from the other instance']);
  });

  test('a Redis that dies in mid-run costs no request, and is used again when it is back', async () => {
    const port = await freePort();
    const redis = await startRedis({ port });
    const app = await start({ REDIS_URL: redis.url, RATE_LIMIT_AUTH: '500/minute' });
    await until(async () => {
      await login(app);
      return (await limitKeys(app)).length > 0;
    });
    await redis.close();
    for (let n = 0; n < 5; n += 1) expect((await login(app)).status).toBe(401);
    await startRedisAt(port);
    await until(async () => {
      await login(app);
      return (await limitKeys(app).catch(() => [])).length > 0;
    });
    const metrics = await send(`${app.url}/metrics`);
    expect(metrics.text).toMatch(/rate_limit_fallback_total\{class="auth"\} [1-9]/);
  });

  test('a class that must not run uncounted answers 503 meanwhile', async () => {
    const app = await start({
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
      RATE_LIMIT_AUTH_WITHOUT_REDIS: 'closed',
    });
    const reply = await login(app);
    expect(problemOf(reply)).toMatchObject({ status: 503, code: 'unavailable' });
    expect(reply.headers.get('retry-after')).toBe('5');
  });
});

test('without Redis configured at all, limits are counted in the process', async () => {
  const app = await start({ RATE_LIMIT_AUTH: '1/minute' });
  expect((await login(app)).status).toBe(401);
  expect((await login(app)).status).toBe(429);
  expect(app.platform.redis).toBeUndefined();
});
