import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type BuiltApp, startBuiltApp } from '../../testing/built-app.ts';
import { createTestDatabase, testServers } from '../../testing/create-test-app.ts';
import { addColleague, clientOf, signUp } from '../../testing/factories.ts';
import { ask, connectSocket, next } from '../../testing/sockets.ts';

const SECRETS = {
  JWT_SECRET: 'k3J9x-qP0zVb7LmN2sWd8RtY5uHfGc1A',
  JWT_REFRESH_SECRET: 'Zr6Tn-4MwEo9XjQv1KyBs8CpLd3UaHi7',
};

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let first: BuiltApp;
let second: BuiltApp;

beforeAll(async () => {
  database = await createTestDatabase();
  const options = { databaseUrl: database.url, redisUrl: testServers.redis(), env: SECRETS };
  [first, second] = await Promise.all([startBuiltApp(options), startBuiltApp({ ...options, worker: false })]);
});
afterAll(async () => {
  await Promise.all([first?.close(), second?.close()]);
  await database.drop();
});

test('a message posted to one instance arrives at a socket on the other', async () => {
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
    const heard = next(socket, 'message:created');
    const message = await ada.api.messages.postMessage({
      params: channel,
      body: { body: 'hello over there', clientId: crypto.randomUUID() },
    });
    expect(await heard).toEqual(message);
  } finally {
    socket.close();
  }
});
