import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestApp, testServers } from '../testing/create-test-app.ts';
import { startCuttableProxy } from '../testing/cuttable-proxy.ts';
import { clientOf, signUp } from '../testing/factories.ts';
import { send } from '../testing/http.ts';
import { closed, connectSocket } from '../testing/sockets.ts';
import { startTwoInstances } from '../testing/two-instances.ts';
import { until } from '../testing/until.ts';

let cluster: Awaited<ReturnType<typeof startTwoInstances>>;
beforeAll(async () => {
  cluster = await startTwoInstances();
});
afterAll(() => cluster?.close());

test('a session ended on one instance is over on the other: token refused, socket closed', async () => {
  const { first, second } = cluster;
  const person = await signUp(clientOf(first.url), 'Linus');
  const socket = await connectSocket(second.url, person.accessToken, second.url);
  const end = closed(socket);
  const reply = await send(`${first.url}/api/v1/auth/logout`, {
    json: { refreshToken: person.refreshToken },
  });
  expect(reply.status).toBe(204);
  expect(await end).toBe('io server disconnect');
  const me = await send(`${second.url}/api/v1/users/me`, {
    headers: { authorization: `Bearer ${person.accessToken}` },
  });
  expect(me.status).toBe(401);
});

test('a socket that came before the subscriptions of its instance stood is closed at the transport, to catch up', async () => {
  const link = await startCuttableProxy(testServers.redis());
  const release = link.holdBack(/\r\np?subscribe\r\n/i);
  const app = await createTestApp({ env: { REDIS_URL: link.url, OUTBOX_RELAY: 'worker' } });
  try {
    const person = await signUp(app);
    await until(() => app.sockets.io.of('/').adapter.constructor.name === 'RedisAdapter');
    const socket = await connectSocket(app.url, person.accessToken);
    const end = closed(socket);
    release();
    expect(await end).toMatch(/transport (close|error)/);
    await app.sockets.joined;
    const again = await connectSocket(app.url, person.accessToken);
    expect(again.connected).toBe(true);
    again.close();
  } finally {
    await app.close();
    await link.close();
  }
});
