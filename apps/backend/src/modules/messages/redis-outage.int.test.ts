import { afterEach, expect, test } from '@jest/globals';
import { freePort, startRedis } from '@plinth/dev-services';
import { createTestApp } from '../../testing/create-test-app.ts';
import { addColleague, signUp } from '../../testing/factories.ts';
import { ask, connectSocket, next } from '../../testing/sockets.ts';
import { until } from '../../testing/until.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test('a message posted while Redis is away is answered at once and arrives when Redis is back', async () => {
  const port = await freePort();
  const redis = await startRedis({ port });
  closers.push(() => redis.close());
  // The relay publishes through Redis as a worker would.
  const app = await createTestApp({ env: { REDIS_URL: redis.url, OUTBOX_RELAY: 'api' } });
  closers.push(() => app.close());
  await app.sockets.joined;
  const owner = await signUp(app);
  const colleague = await addColleague(app, owner);
  const { id } = await owner.api.channels.createChannel({
    params: { orgId: owner.orgId },
    body: { name: 'outage' },
  });
  const channel = { orgId: owner.orgId, channelId: id };
  const socket = await connectSocket(app.url, colleague.accessToken);
  closers.push(() => socket.close());
  expect(await ask(socket, 'channel:join', channel)).toMatchObject({ ok: true });

  await redis.close();
  const heard = next(socket, 'channel:entry');
  const message = await owner.api.messages.postMessage({
    params: channel,
    body: { body: 'into the silence', clientId: crypto.randomUUID() },
  });
  await until(
    async () =>
      (await app.platform.database.prisma.outboxEvent.count({ where: { attempts: { gt: 0 } } })) > 0,
  );

  const back = await startRedis({ port });
  closers.push(() => back.close());
  expect(await heard).toMatchObject({ type: 'message', message });
});
