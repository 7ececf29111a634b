import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientOf, signUp } from '../testing/factories.ts';
import { send } from '../testing/http.ts';
import { closed, connectSocket } from '../testing/sockets.ts';
import { startTwoInstances } from '../testing/two-instances.ts';

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
