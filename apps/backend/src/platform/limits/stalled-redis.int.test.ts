import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort, type RedisServer, startRedis } from '@plinth/dev-services';
import { Redis } from 'ioredis';
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts';
import { signUp } from '../../testing/factories.ts';
import { send } from '../../testing/http.ts';
import { until } from '../../testing/until.ts';

/** Scripts wait while writing is paused, as they do when Redis, or the event loop of the caller, is late. */
let redis: RedisServer;
let operator: Redis;
let app: TestApp;

beforeAll(async () => {
  redis = await startRedis({ port: await freePort() });
  operator = new Redis(redis.url);
  app = await createTestApp({
    env: {
      REDIS_URL: redis.url,
      REDIS_NAMESPACE: 'stall',
      REDIS_COMMAND_TIMEOUT_MS: '2000',
      RATE_LIMIT_ACCOUNT: '10/15 minutes',
      RATE_LIMIT_GENERAL: '30/hour',
      RATE_LIMIT_TELL_EVERY_MS: '0',
    },
  });
  await until(async () => (await app.platform.redis?.commands.ping()) === 'PONG');
});
afterAll(async () => {
  await app.close();
  await operator.quit();
  await redis.close();
});

const stall = () => operator.call('CLIENT', 'PAUSE', '600000', 'WRITE');
const goOn = () => operator.call('CLIENT', 'UNPAUSE');
/** The count in Redis under a name that contains this. */
const counted = async (part: string): Promise<number> => {
  const [name] = await operator.keys(`*:rl:${part}*`);
  return name === undefined ? 0 : Number(await operator.get(name));
};
const fallbacks = async (name: string): Promise<number> => {
  const { text } = await send(`${app.url}/metrics`);
  return Number(new RegExp(`rate_limit_fallback_total\\{class="${name}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
};
const oneByOne = async (ask: () => Promise<number>, times: number): Promise<number[]> => {
  const statuses: number[] = [];
  for (let n = 0; n < times; n += 1) statuses.push(await ask());
  return statuses;
};
const atOnce = (ask: () => Promise<number>, times: number): Promise<number[]> =>
  Promise.all(Array.from({ length: times }, ask));

describe.each([
  ['one by one', oneByOne],
  ['many at once', atOnce],
])('when Redis stalls in the middle and goes on again, %s', (_how, askTimes) => {
  const throughBudget = async (
    ask: () => Promise<number>,
    budget: { limit: number; name: string; key: string; through: number },
  ) => {
    const { limit, name, key, through } = budget;
    const count = async (times: number) =>
      (await askTimes(ask, times)).filter((status) => status === through).length;
    await operator.flushdb();
    const before = await fallbacks(name);
    let total = await count(limit - 4);
    expect(total).toBe(limit - 4);
    await stall();
    total += await count(12);
    await goOn();
    expect(await fallbacks(name)).toBeGreaterThan(before);
    // Fewer, if Redis counted one whose answer came too late.
    expect(total).toBeLessThanOrEqual(limit);
    // As soon as it is asked again, Redis is told what has happened without it.
    await until(async () => {
      const known = await fallbacks(name);
      total += await count(1);
      return (await fallbacks(name)) === known;
    });
    total += await count(12);
    expect(total).toBeLessThanOrEqual(limit);
    expect(await counted(key)).toBeGreaterThanOrEqual(limit);
  };

  test('guesses at an account have one budget', async () => {
    const email = `somebody-${crypto.randomUUID()}@example.com`;
    const guess = async () =>
      (await send(`${app.url}/api/v1/auth/login`, { json: { email, password: 'wrong' } })).status;
    await throughBudget(guess, { limit: 10, name: 'auth', key: 'auth:account:', through: 401 });
  });

  test('ordinary requests have one budget', async () => {
    const { accessToken } = await signUp(app, 'Ada');
    const me = async () =>
      (await send(`${app.url}/api/v1/users/me`, { headers: { authorization: `Bearer ${accessToken}` } }))
        .status;
    await throughBudget(me, { limit: 30, name: 'general', key: 'general:user:', through: 200 });
  });
});
