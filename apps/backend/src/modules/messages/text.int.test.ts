import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts';
import { type Person, signUp } from '../../testing/factories.ts';
import { problemOf, send } from '../../testing/http.ts';
import { ask, connectSocket, type TestSocket } from '../../testing/sockets.ts';

let app: TestApp;
let owner: Person;
let channel: { orgId: string; channelId: string };
let socket: TestSocket;

beforeAll(async () => {
  app = await createTestApp();
  owner = await signUp(app, 'Ada');
  const { id } = await owner.api.channels.createChannel({
    params: { orgId: owner.orgId },
    body: { name: 'text' },
  });
  channel = { orgId: owner.orgId, channelId: id };
  socket = await connectSocket(app.url, owner.accessToken);
});
afterAll(async () => {
  socket.close();
  await app.close();
});

interface Answer {
  /** As it was stored; undefined when it was refused. */
  readonly stored?: string;
  readonly status?: number;
  readonly fields?: readonly string[];
}

const overRest = async (body: string): Promise<Answer> => {
  const reply = await send(`${app.url}/api/v1/orgs/${channel.orgId}/channels/${channel.channelId}/messages`, {
    json: { body, clientId: crypto.randomUUID() },
    headers: { authorization: `Bearer ${owner.accessToken}` },
  });
  if (reply.status === 201) return { stored: (reply.json() as { body: string }).body };
  const problem = problemOf(reply);
  return { status: problem.status, fields: problem.errors?.map(({ field }) => field) ?? [] };
};

const overSocket = async (body: string): Promise<Answer> => {
  const reply = await ask(socket, 'message:send', { ...channel, body, clientId: crypto.randomUUID() });
  if (reply.ok) return { stored: (reply.data as { body: string }).body };
  return {
    status: reply.problem.status,
    fields: reply.problem.errors?.map(({ field }) => field) ?? [],
  };
};

const overEdit = async (body: string): Promise<Answer> => {
  const { id } = await owner.api.messages.postMessage({
    params: channel,
    body: { body: 'to be edited', clientId: crypto.randomUUID() },
  });
  const reply = await send(
    `${app.url}/api/v1/orgs/${channel.orgId}/channels/${channel.channelId}/messages/${id}`,
    { method: 'PATCH', json: { body }, headers: { authorization: `Bearer ${owner.accessToken}` } },
  );
  if (reply.status === 200) return { stored: (reply.json() as { body: string }).body };
  const problem = problemOf(reply);
  return { status: problem.status, fields: problem.errors?.map(({ field }) => field) ?? [] };
};

describe.each([
  ['over REST', overRest],
  ['over the socket', overSocket],
  ['when edited', overEdit],
])('a message %s', (_way, send) => {
  test.each([
    ['a\r\nb', 'a\nb'],
    ['a\rb', 'a\nb'],
    ['a\u2028b', 'a\nb'],
    ['  \r\n a\tb \u3000', 'a\tb'],
    ['cafe\u0301', 'caf\u00e9'],
    ['می‌خواهم 👨‍👩‍👧 हिन्दी', 'می‌خواهم 👨‍👩‍👧 हिन्दी'],
    ['\u2067עברית\u2069', '\u2067עברית\u2069'],
    ['icon \ue000', 'icon \ue000'],
    [`a${'\u0316'.repeat(16)}`, `a${'\u0316'.repeat(16)}`],
    ['😀'.repeat(4000), '😀'.repeat(4000)],
  ])('%j is stored tidied', async (typed, stored) => {
    expect(await send(typed)).toEqual({ stored });
    const { items } = await owner.api.messages.listMessages({ params: channel, query: { limit: 1 } });
    expect(items[0]?.body).toBe(stored);
  });

  test.each([
    '',
    ' \r\n\t\u3000',
    '\u3164',
    '\u2800\u2800',
    '\u00ad',
    '\u200b\u200d\ufe0f',
    '\u{e0041}',
    '\u0301',
    ...['\ue000', '\u{fff80}', '\u0378', '\u{13437}', '\u{16fe4}', '\ufffc', '\ue000\n\u{f0000}'],
    `a${'\u0301'.repeat(3999)}`,
    `ok\n\u05d0${'\u05b0'.repeat(17)}`,
    'nul\u0000',
    '\u001b[2J',
    'half \ud83d',
    '\ude00',
    `${'😀'.repeat(4000)}x`,
  ])('%j is refused as the field "body", never as an error of the server', async (typed) => {
    expect(await send(typed)).toEqual({ status: 400, fields: ['body'] });
  });
});

test('the database holds the same limit, counted the same way', async () => {
  const write = (body: string) => app.platform.database.query('UPDATE messages SET body = $1', [body]);
  await write('😀'.repeat(4000));
  await expect(write('😀'.repeat(4001))).rejects.toThrow(/messages_body_length/);
});
