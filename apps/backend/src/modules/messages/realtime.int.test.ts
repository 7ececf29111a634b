import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Socket } from 'socket.io-client';
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts';
import { addColleague, join, type Person, signUp } from '../../testing/factories.ts';
import { send } from '../../testing/http.ts';
import { ask, closed, connectSocket, next, type TestSocket } from '../../testing/sockets.ts';
import { until } from '../../testing/until.ts';

let app: TestApp;
let owner: Person;
let colleague: Person;
let guest: Person;
let stranger: Person;
let channel: { orgId: string; channelId: string };
const open: TestSocket[] = [];

beforeAll(async () => {
  app = await createTestApp({ env: { SOCKET_EVENTS: '30/10 seconds' } });
  owner = await signUp(app, 'Ada');
  colleague = await addColleague(app, owner);
  guest = await addColleague(app, owner, 'GUEST', 'Guido');
  stranger = await signUp(app, 'Mallory');
  const { id } = await owner.api.channels.createChannel({
    params: { orgId: owner.orgId },
    body: { name: 'live' },
  });
  channel = { orgId: owner.orgId, channelId: id };
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});
afterAll(() => app.close());

const connect = async (person: Pick<Person, 'accessToken'>) => {
  const socket = await connectSocket(app.url, person.accessToken);
  open.push(socket);
  return socket;
};
const joined = async (person: Person) => {
  const socket = await connect(person);
  expect(await ask(socket, 'channel:join', channel)).toMatchObject({ ok: true });
  return socket;
};
const post = (body: string) =>
  owner.api.messages.postMessage({ params: channel, body: { body, clientId: crypto.randomUUID() } });

describe('whoever listens to a channel', () => {
  test('hears of new, edited and deleted messages', async () => {
    const socket = await joined(colleague);
    const heard = next(socket, 'channel:entry');
    const message = await post('hello');
    const { channelId } = channel;
    const { seq } = message;
    expect(await heard).toEqual({ type: 'message', seq, channelId, message });

    const changed = next(socket, 'channel:entry');
    const edited = await owner.api.messages.editMessage({
      params: { ...channel, messageId: message.id },
      body: { body: 'hello!' },
    });
    expect(await changed).toEqual({ type: 'message', seq: seq + 1, channelId, message: edited });

    const gone = next(socket, 'channel:entry');
    await owner.api.messages.deleteMessage({ params: { ...channel, messageId: message.id } });
    expect(await gone).toEqual({ type: 'deleted', seq: seq + 2, channelId, messageId: message.id });
  });

  test('hears nothing more after leaving', async () => {
    const [leaver, stayer] = [await joined(colleague), await joined(guest)];
    const overheard: unknown[] = [];
    leaver.on('channel:entry', (entry) => overheard.push(entry));
    await ask(leaver, 'channel:leave', channel);
    const heard = next(stayer, 'channel:entry');
    await post('after you left');
    await heard;
    // An answer on the same socket comes after everything the server has sent before.
    await ask(leaver, 'channel:leave', channel);
    expect(overheard).toEqual([]);
  });

  test('sends over the socket, is answered when the message is stored, and guests are refused', async () => {
    const [sender, listener, visitor] = [await joined(colleague), await joined(owner), await joined(guest)];
    const heard = next(listener, 'channel:entry');
    const payload = { ...channel, body: 'over the wire', clientId: crypto.randomUUID() };
    const reply = await ask(sender, 'message:send', payload);
    expect(reply).toMatchObject({
      ok: true,
      data: { body: 'over the wire', author: { id: colleague.user.id } },
    });
    expect(await heard).toMatchObject({ type: 'message', message: reply.data });
    expect(await ask(visitor, 'message:send', payload)).toMatchObject({
      ok: false,
      problem: { status: 403 },
    });
  });
});

describe('the socket', () => {
  test.each(['', 'x.y.z', undefined])('refuses the token %j', async (token) => {
    await expect(connectSocket(app.url, token as string)).rejects.toMatchObject({ data: { status: 401 } });
  });

  test('refuses a browser page of another origin', async () => {
    await expect(connectSocket(app.url, owner.accessToken, 'https://evil.example')).rejects.toThrow();
    const socket = await connectSocket(app.url, owner.accessToken, 'http://localhost:3000');
    socket.close();
  });

  test('gives a stranger the same 404 as REST, and nothing to hear', async () => {
    const [socket, member] = [await connect(stranger), await joined(colleague)];
    const overheard: unknown[] = [];
    socket.onAny((...args) => overheard.push(args));
    expect(await ask(socket, 'channel:join', channel)).toMatchObject({
      ok: false,
      problem: { status: 404, code: 'not_found' },
    });
    const smuggled = { ...channel, orgId: stranger.orgId };
    expect(await ask(socket, 'channel:join', smuggled)).toMatchObject({
      ok: false,
      problem: { status: 404 },
    });
    const heard = next(member, 'channel:entry');
    await post('not for you');
    await heard;
    await ask(socket, 'channel:leave', smuggled);
    expect(overheard).toEqual([]);
  });

  test.each([
    [undefined, ''],
    ['text', ''],
    [{ orgId: 'x' }, 'orgId'],
    [{ extra: 1 }, 'extra'],
  ])('answers %j with a problem that names the field', async (payload, field) => {
    const socket = await connect(owner);
    const sent = typeof payload === 'object' ? { ...channel, ...payload } : payload;
    const reply = await ask(socket, 'channel:join', sent);
    expect(reply).toMatchObject({ ok: false, problem: { status: 400, errors: [{ in: 'payload', field }] } });
  });

  test('is closed when its session ends', async () => {
    const person = await signUp(app);
    const socket = await connect(person);
    const end = closed(socket);
    await send(`${app.url}/api/v1/auth/logout`, { json: { refreshToken: person.refreshToken } });
    expect(await end).toBe('io server disconnect');
  });

  test.each([
    [
      'removed',
      ({ user }: Person) =>
        owner.api.organizations.removeMember({ params: { orgId: owner.orgId, userId: user.id } }),
    ],
    [
      'who has left',
      ({ api }: Person) => api.organizations.leaveOrganization({ params: { orgId: owner.orgId } }),
    ],
  ])('of somebody %s hears nothing more of the organisation and cannot join again', async (_what, end) => {
    const leaver = await addColleague(app, owner, 'MEMBER', 'Linus');
    const [socket, member] = [await joined(leaver), await joined(colleague)];
    const overheard: unknown[] = [];
    socket.on('channel:entry', (entry) => overheard.push(entry));
    const told = next(socket, 'membership:changed');
    await end(leaver);
    const heard = next(member, 'channel:entry');
    await post('after the end');
    await heard;
    expect(await told).toEqual({ orgId: owner.orgId });
    expect(await ask(socket, 'channel:join', channel)).toMatchObject({ ok: false, problem: { status: 404 } });
    expect(overheard).toEqual([]);
  });

  test('of a member hears of new channels and of a new role; a stranger does not', async () => {
    const person = await addColleague(app, owner, 'MEMBER', 'Uma');
    const [socket, outside] = [await connect(person), await connect(stranger)];
    const overheard: [name: string, payload: unknown][] = [];
    outside.onAny((name, payload) => overheard.push([name, payload]));
    const told = next(socket, 'channel:created');
    const created = await owner.api.channels.createChannel({
      params: { orgId: owner.orgId },
      body: { name: 'brand-new' },
    });
    expect(await told).toEqual(created);
    const changed = next(socket, 'membership:changed');
    await owner.api.organizations.changeRole({
      params: { orgId: owner.orgId, userId: person.user.id },
      body: { role: 'GUEST' },
    });
    expect(await changed).toEqual({ orgId: owner.orgId });
    const added = next(outside, 'membership:changed');
    await join(owner, stranger, 'GUEST');
    expect(await added).toEqual({ orgId: owner.orgId });
    expect(overheard.filter(([name]) => name === 'channel:created')).toEqual([]);
    expect(overheard.filter(([name]) => name === 'membership:changed')).toHaveLength(1);
    await owner.api.organizations.removeMember({ params: { orgId: owner.orgId, userId: stranger.user.id } });
  });

  test('answers whatever asks for an answer: no payload, two payloads, an unknown event, a large one', async () => {
    const socket: Socket = await connect(owner);
    const wait = socket.timeout(5000);
    const problem = (status: number) => ({ ok: false, problem: { status } });
    expect(await wait.emitWithAck('channel:join')).toMatchObject(problem(400));
    expect(await wait.emitWithAck('channel:join', channel, channel)).toMatchObject(problem(400));
    expect(await wait.emitWithAck('channel:join', channel, 'and more')).toMatchObject(problem(400));
    expect(await wait.emitWithAck('no:such', channel)).toMatchObject(problem(404));
    const body = 'x'.repeat(70_000);
    expect(await wait.emitWithAck('message:send', { ...channel, body, clientId: 'x' })).toMatchObject(
      problem(413),
    );
    for (const value of [7, null, [channel], true, 'text'])
      expect(await wait.emitWithAck('channel:join', value)).toMatchObject(problem(400));
    // Without an acknowledgement nothing can be answered, but it is counted, and the socket goes on.
    socket.emit('channel:join');
    socket.emit('no:such');
    expect(await wait.emitWithAck('channel:join', channel)).toMatchObject({ ok: true });
    const metrics = await app.platform.metrics.registry.metrics();
    expect(metrics).toContain('websocket_events_total{event="unknown",outcome="not_found"} 2');
  });

  test('is closed by a packet beyond all limits, which is logged and counted', async () => {
    const socket: Socket = await connect(owner);
    const end = closed(socket as TestSocket);
    socket.emit('message:send', { body: 'x'.repeat(2 * 1024 * 1024) });
    await end;
    await until(async () =>
      /websocket_closed_total\{reason="[^"]*error"\} 1/.test(await app.platform.metrics.registry.metrics()),
    );
  });

  test('takes so many events and no more', async () => {
    const socket = await connect(await addColleague(app, owner, 'MEMBER', 'Nora'));
    const replies = await Promise.all(Array.from({ length: 35 }, () => ask(socket, 'channel:join', channel)));
    expect(replies.filter(({ ok }) => ok)).toHaveLength(30);
    expect(replies.at(-1)).toMatchObject({ ok: false, problem: { status: 429, code: 'rate_limited' } });
  });
});

test('a socket ends with its access token', async () => {
  let time = new Date(Date.now() - 14 * 60_000 - 58_000);
  const short = await createTestApp({ now: () => time });
  try {
    const person = await signUp(short);
    time = new Date();
    const socket = await connectSocket(short.url, person.accessToken);
    expect(await closed(socket)).toBe('io server disconnect');
  } finally {
    await short.close();
  }
});
