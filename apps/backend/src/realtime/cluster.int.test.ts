import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type BuiltApp, startBuiltApp } from '../testing/built-app.ts';
import { createTestDatabase, testServers } from '../testing/create-test-app.ts';
import { clientOf, signUp } from '../testing/factories.ts';
import { send } from '../testing/http.ts';
import { closed, connectSocket } from '../testing/sockets.ts';

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

test('a session ended on one instance is over on the other: token refused, socket closed', async () => {
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
