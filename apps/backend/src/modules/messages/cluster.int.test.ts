import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addColleague, clientOf, signUp } from '../../testing/factories.ts';
import { ask, connectSocket, next } from '../../testing/sockets.ts';
import { startTwoInstances } from '../../testing/two-instances.ts';

let cluster: Awaited<ReturnType<typeof startTwoInstances>>;
beforeAll(async () => {
  cluster = await startTwoInstances();
});
afterAll(() => cluster?.close());

test('a message posted to one instance arrives at a socket on the other', async () => {
  const { first, second } = cluster;
  const ada = await signUp(clientOf(first.url), 'Ada');
  const grace = await addColleague(clientOf(second.url), ada);
  const { id } = await ada.api.channels.createChannel({
    params: { orgId: ada.orgId },
    body: { name: 'across' },
  });
  const channel = { orgId: ada.orgId, channelId: id };
  const socket = await connectSocket(second.url, grace.accessToken, second.url);
  try {
    expect(await ask(socket, 'channel:join', channel)).toMatchObject({ ok: true });
    const heard = next(socket, 'channel:entry');
    const message = await ada.api.messages.postMessage({
      params: channel,
      body: { body: 'hello over there', clientId: crypto.randomUUID() },
    });
    expect(await heard).toMatchObject({ type: 'message', message });
  } finally {
    socket.close();
  }
});
