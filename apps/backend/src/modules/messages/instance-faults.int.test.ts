import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type RedisServer, type RunningProcess, startRedis } from '@plinth/dev-services';
import { Redis } from 'ioredis';
import { type BuiltApp, startBuiltApp, startBuiltWorker } from '../../testing/built-app.ts';
import { createTestDatabase } from '../../testing/create-test-app.ts';
import { startCuttableProxy } from '../../testing/cuttable-proxy.ts';
import { clientOf } from '../../testing/factories.ts';
import { problemOf, send } from '../../testing/http.ts';
import { sharedSecrets } from '../../testing/two-instances.ts';
import { until } from '../../testing/until.ts';
import { type Ledger, openLedger } from './ledger.suite.ts';

/** Organisations that one person may found. */
const FOUNDINGS = 4;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let redis: RedisServer;
/** One address for clients: a balancer, as far as it matters here. */
let address: Awaited<ReturnType<typeof startCuttableProxy>>;
let worker: RunningProcess;
/** The balancer leads to the first; the second stays. */
let first: BuiltApp;
let second: BuiltApp;
let ledger: Ledger;
let options: Parameters<typeof startBuiltWorker>[0];

const startInstance = () => startBuiltApp({ ...options, worker: false });

beforeAll(async () => {
  database = await createTestDatabase();
  redis = await startRedis();
  options = {
    databaseUrl: database.url,
    redisUrl: redis.url,
    env: { ...sharedSecrets(), RATE_LIMIT_ORGANIZATIONS: `${FOUNDINGS}/hour`, SHUTDOWN_DRAIN_SECONDS: '1' },
  };
  [worker, first, second] = await Promise.all([startBuiltWorker(options), startInstance(), startInstance()]);
  address = await startCuttableProxy(first.url);
});
afterEach(() => ledger.close());
afterAll(async () => {
  await address?.close();
  await Promise.all([worker, first, second].map((started) => started?.close()));
  await redis?.close();
  await database?.drop();
});

/** Readers and writers at the balancer's address and at the second instance. */
async function open() {
  ledger = await openLedger(second.url, database.url);
  const { origin } = new URL(address.url);
  const moving = await ledger.listen(origin);
  const staying = await ledger.listen(second.url);
  await ledger.write(origin, second.url);
  // From here on the subscriptions of the instances stand.
  await until(() => staying.heard.length > 10);
  const from = ledger.acknowledged.length;
  let lost = 0;
  staying.socket.on('disconnect', () => {
    lost += 1;
  });
  return {
    moving,
    /** The socket at the second instance has never been away, and was told of everything as it happened. */
    async heardAll() {
      const heard = () =>
        new Set(staying.heard.map((entry) => (entry.type === 'message' ? entry.message.body : '')));
      await until(() => ledger.acknowledged.slice(from).every((body) => heard().has(body)));
      expect(lost).toBe(0);
    },
  };
}

test('FLUSHALL of Redis: what was revoked stays revoked, limits start anew, sockets go on hearing, nothing comes twice', async () => {
  const { heardAll } = await open();
  const tokens = async (name: string) => {
    const reply = await send(`${first.url}/api/v1/auth/sign-up`, {
      json: {
        email: `${name}-${crypto.randomUUID()}@example.com`,
        password: 'correct horse battery staple',
        name,
        organizationName: name,
      },
    });
    return reply.json() as { accessToken: string; refreshToken: string };
  };
  const refresh = (url: string, refreshToken: string) =>
    send(`${url}/api/v1/auth/refresh`, { json: { refreshToken } });
  const me = (url: string, accessToken: string) =>
    send(`${url}/api/v1/users/me`, { headers: { authorization: `Bearer ${accessToken}` } });

  const gone = await tokens('Gone');
  await clientOf(first.url)
    .client(gone.accessToken)
    .auth.logout({
      body: { refreshToken: gone.refreshToken },
    });
  await until(async () => (await me(second.url, gone.accessToken)).status === 401);

  const busy = await tokens('Busy');
  const found = ({ url }: BuiltApp) =>
    send(`${url}/api/v1/orgs`, {
      headers: { authorization: `Bearer ${busy.accessToken}` },
      json: { name: 'One more' },
    });
  const exhaust = async () => {
    for (let n = 0; n < FOUNDINGS; n += 1) expect((await found(n % 2 ? first : second)).status).toBe(201);
    for (const instance of [first, second]) expect((await found(instance)).status).toBe(429);
  };
  await exhaust();

  const admin = new Redis(redis.url);
  try {
    await admin.flushall();
    await admin.script('FLUSH');
  } finally {
    await admin.quit();
  }

  // Counted anew, and by both together.
  await exhaust();
  for (const { url } of [first, second]) {
    expect(problemOf(await me(url, gone.accessToken))).toMatchObject({ code: 'session_ended' });
    expect(problemOf(await refresh(url, gone.refreshToken))).toMatchObject({ code: 'session_ended' });
  }
  await ledger.more(60);
  await ledger.settle();
  expect(ledger.failures).toEqual([]);
  await heardAll();
});

test('SIGKILL of an instance and of the worker under load: nothing acknowledged is lost, clients go on elsewhere', async () => {
  const { moving, heardAll } = await open();
  const killed = [first.pid, worker.pid];
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  await worker.exited;
  await first.exits();
  address.pointTo(second.url);
  const alone = ledger.acknowledged.length;
  await ledger.more(30);
  worker = await startBuiltWorker(options);
  await ledger.more(30);
  await ledger.settle();
  // Only what was under way at the dead instance failed, and found its way.
  expect(ledger.failures.filter((failure) => !failure.startsWith('no reply'))).toEqual([]);
  expect(ledger.acknowledged.length).toBeGreaterThan(alone);
  expect(moving.ready()).toBe(true);
  // Also what a dead relay had taken, once its lease has ended.
  await heardAll();
  first = await startInstance();
  address.pointTo(first.url);
});

test('Redis killed under load: no process ends, nothing acknowledged is lost', async () => {
  await open();
  process.kill(redis.pid, 'SIGKILL');
  await redis.close();
  await ledger.more(60);
  redis = await startRedis({ port: redis.port });
  await ledger.more(30);
  await ledger.settle();
  expect(ledger.failures).toEqual([]);
  for (const { log } of [first, second, worker])
    expect(log()).not.toMatch(/Shutting down|nobody was waiting/);
});

test('SIGTERM of an instance and of the worker under load: no accepted request fails, sockets move, both end with 0', async () => {
  const { moving, heardAll } = await open();
  const reconnected = new Promise<void>((resolve) => moving.socket.once('connect', () => resolve()));
  process.kill(first.pid, 'SIGTERM');
  process.kill(worker.pid, 'SIGTERM');
  // As a balancer does.
  await until(async () => (await fetch(`${first.url}/readyz`)).status === 503);
  address.pointTo(second.url);
  expect(await first.exits()).toEqual([{ code: 0, signal: null }]);
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  await reconnected;
  worker = await startBuiltWorker(options);
  await ledger.more(60);
  await ledger.settle();
  expect(ledger.failures).toEqual([]);
  expect(first.log()).not.toMatch(/took too long|Closing failed/);
  await heardAll();
});
