import { afterEach, expect, test } from '@jest/globals';
import { freePort, startRedis } from '@plinth/dev-services';
import { room } from '../realtime/rooms.ts';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { signUp } from '../testing/factories.ts';
import { send } from '../testing/http.ts';
import { connectSocket } from '../testing/sockets.ts';
import { until } from '../testing/until.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});

const login = async (app: TestApp) =>
  (await send(`${app.url}/api/v1/auth/login`, { json: { email: 'nobody@example.com', password: 'wrong' } }))
    .status;

test('installations that share a Redis share neither limits nor signals nor rooms, and name all that is theirs', async () => {
  const redis = await startRedis({ port: await freePort() });
  open.push(redis);
  const start = async (namespace: string) => {
    const app = await createTestApp({
      env: { REDIS_URL: redis.url, REDIS_NAMESPACE: namespace, RATE_LIMIT_AUTH: '4/5 minutes' },
    });
    open.push(app);
    await app.sockets.joined;
    await until(async () => (await app.platform.redis?.commands.ping()) === 'PONG');
    return app;
  };
  const [one, sibling, other] = [await start('chat-one'), await start('chat-one'), await start('chat-two')];

  const ada = await signUp(other, 'Ada');
  const heardByOther: string[] = [];
  other.platform.bus.subscribe('outbox.added', () => heardByOther.push('signal'));
  const socket = await connectSocket(other.url, ada.accessToken);
  open.push({ close: async () => void socket.close() });
  socket.onAny((name: string) => heardByOther.push(name));

  const heardBySibling: string[] = [];
  sibling.platform.bus.subscribe('outbox.added', () => heardBySibling.push('signal'));
  one.platform.bus.publish('outbox.added', {});
  one.sockets.io.to(room.user(ada.user.id)).emit('greeting');
  await until(() => heardBySibling.length > 0);
  // What is said within the other one comes after what could have come from outside.
  other.sockets.io.to(room.user(ada.user.id)).emit('own greeting');
  await until(() => heardByOther.length > 0);
  expect(heardByOther).toEqual(['own greeting']);

  const statuses = [];
  for (let n = 0; n < 5; n += 1) statuses.push(await login(one));
  expect(statuses.at(-1)).toBe(429);
  expect(await login(other)).toBe(401);

  const { commands } = one.platform.redis ?? {};
  const names = [
    ...((await commands?.keys('*')) ?? []),
    ...(((await commands?.call('PUBSUB', 'CHANNELS', '*')) ?? []) as string[]),
  ];
  expect(names.length).toBeGreaterThan(4);
  expect(names.filter((name) => !/^chat-(one|two):/.test(name))).toEqual([]);
});
