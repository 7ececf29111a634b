import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort, type RedisServer, startRedis } from '@plinth/dev-services';
import type { Socket } from 'socket.io-client';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { type Person, signUp } from '../testing/factories.ts';
import { problemOf, send } from '../testing/http.ts';
import { ask, closed, connectSocket, type TestSocket } from '../testing/sockets.ts';
import { until } from '../testing/until.ts';

const EVENTS = 200;
const GENERAL = 100;

let redis: RedisServer;
let one: TestApp;
let two: TestApp;
const open: TestSocket[] = [];

beforeAll(async () => {
  redis = await startRedis({ port: await freePort() });
  const env = {
    REDIS_URL: redis.url,
    REDIS_NAMESPACE: 'event-limits',
    RATE_LIMIT_GENERAL: `${GENERAL}/hour`,
    SOCKET_EVENTS: `${EVENTS}/hour`,
    SOCKETS_PER_USER: '50',
  };
  one = await createTestApp({ env });
  two = await createTestApp({ env, databaseUrl: one.databaseUrl });
  for (const app of [one, two])
    await until(async () => (await app.platform.redis?.commands.ping()) === 'PONG');
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});
afterAll(async () => {
  await two.close();
  await one.close();
  await redis.close();
});

const connect = async (person: Person, at: TestApp = one) => {
  const socket = await connectSocket(at.url, person.accessToken);
  open.push(socket);
  return socket;
};
const channelOf = async (person: Person) => {
  const { id } = await person.api.channels.createChannel({
    params: { orgId: person.orgId },
    body: { name: 'limits' },
  });
  return { orgId: person.orgId, channelId: id };
};
const outcomes = (replies: readonly { ok: boolean; problem?: { code: string } }[]) => {
  const count = (code: string) => replies.filter((reply) => reply.problem?.code === code).length;
  return { ok: replies.filter(({ ok }) => ok).length, limited: count('rate_limited') };
};
const metric = async (app: TestApp, line: string): Promise<number> => {
  const text = await app.platform.metrics.registry.metrics();
  return Number(
    text
      .split('\n')
      .find((one) => one.startsWith(`${line} `))
      ?.split(' ')[1] ?? 0,
  );
};
/** Sends something below the protocol of events. */
const raw = (socket: TestSocket, data: string) => (socket as Socket).io.engine.send(data);

describe('the budget of a user', () => {
  test('is one for 50 sockets on two instances and for REST: more sockets do not store more messages', async () => {
    const ada = await signUp(one, 'Ada');
    const channel = await channelOf(ada);
    const sockets = await Promise.all(Array.from({ length: 50 }, (_, n) => connect(ada, n % 2 ? one : two)));
    const replies = await Promise.all(
      sockets.flatMap((socket) =>
        Array.from({ length: 4 }, () =>
          ask(socket, 'message:send', { ...channel, body: 'flood', clientId: crypto.randomUUID() }),
        ),
      ),
    );
    const { ok } = outcomes(replies);
    const { prisma } = one.platform.database;
    const stored = await prisma.message.count({ where: { channelId: channel.channelId } });
    expect(stored).toBe(ok);
    // Each of the two instances may give a tenth on credit.
    expect(stored).toBeLessThanOrEqual(GENERAL * 1.2);
    expect(stored).toBeGreaterThan(0);
    for (const app of [one, two]) {
      const me = await send(`${app.url}/api/v1/users/me`, {
        headers: { authorization: `Bearer ${ada.accessToken}` },
      });
      expect(me.status).toBe(429);
      const wait = Number(me.headers.get('retry-after'));
      const refused = replies.find(({ ok: fine }) => !fine) as { problem: { retryAfter: number } };
      expect(Math.abs(refused.problem.retryAfter - wait)).toBeLessThan(60);
    }
    expect(await metric(one, 'rate_limit_exceeded_total{class="general"}')).toBeGreaterThan(0);
  });

  test('is used up by REST for the sockets, too, but events that only listen have their own', async () => {
    const ada = await signUp(one, 'Ada');
    const channel = await channelOf(ada);
    const headers = { authorization: `Bearer ${ada.accessToken}` };
    await until(async () => (await send(`${two.url}/api/v1/users/me`, { headers })).status === 429);
    const socket = await connect(ada);
    expect(
      await ask(socket, 'message:send', { ...channel, body: 'late', clientId: crypto.randomUUID() }),
    ).toMatchObject({
      ok: false,
      problem: { status: 429, code: 'rate_limited', retryAfter: expect.any(Number) },
    });
    expect(await ask(socket, 'channel:join', channel)).toMatchObject({ ok: true });
  });

  test('counts what is no event of ours, too large, or wrong, on all sockets together', async () => {
    const ada = await signUp(one, 'Ada');
    const channel = await channelOf(ada);
    const [first, second] = [await connect(ada), await connect(ada, two)];
    for (const [n, [event, payload]] of (
      [
        ['no:such', channel],
        ['channel:join', 'no object'],
        ['channel:join', { ...channel, filler: 'x'.repeat(70_000) }],
        ['channel:leave', channel],
      ] as const
    ).entries())
      await Promise.all(
        Array.from({ length: EVENTS / 4 }, () => ask(n % 2 ? first : second, event as never, payload)),
      );
    for (const socket of [first, second])
      await until(async () => {
        const reply = await ask(socket, 'channel:join', channel);
        return !reply.ok && reply.problem.code === 'rate_limited';
      });
    // Somebody else is not concerned.
    const grace = await signUp(two, 'Grace');
    const place = await channelOf(grace);
    expect(await ask(await connect(grace, two), 'channel:join', place)).toMatchObject({ ok: true });
  });
});

describe('a flood ends the socket', () => {
  test('of unknown events: few are answered, little is logged, and connecting again does not help', async () => {
    const mallory = await signUp(one, 'Mallory');
    const lines = one.logLines.length;
    const events = () => metric(one, 'websocket_events_total{event="unknown",outcome="not_found"}');
    const before = await events();
    const socket: Socket = await connect(mallory);
    const end = closed(socket as TestSocket);
    for (let n = 0; n < 20_000; n += 1) socket.emit('no:such', n);
    await end;
    expect((await events()) - before).toBeLessThanOrEqual(EVENTS * 1.1);
    expect(one.logLines.length - lines).toBeLessThan(20);

    for (let round = 0; round < 15; round += 1) {
      const again: Socket = await connect(mallory);
      const over = closed(again as TestSocket);
      for (let n = 0; n < EVENTS; n += 1) again.emit('no:such', n);
      again.emit('no:such', 'last', () => again.disconnect());
      await over;
    }
    expect((await events()) - before).toBeLessThanOrEqual(EVENTS * 1.1);
    expect(
      (await metric(one, 'rate_limit_exceeded_total{class="packets"}')) +
        (await metric(one, 'rate_limit_exceeded_total{class="flood"}')),
    ).toBeGreaterThan(0);
    expect(one.logLines.length - lines).toBeLessThan(40);
  });

  test.each<[string, (socket: TestSocket) => void]>([
    ['connections to other namespaces', (socket) => raw(socket, '0/admin,{}')],
    ['acknowledgements of nothing', (socket) => raw(socket, '399[]')],
    [
      'answers to pings nobody sent',
      (socket) =>
        ((socket as Socket).io.engine as unknown as { _sendPacket(type: string): void })._sendPacket('pong'),
    ],
  ])('of %s', async (_what, packet) => {
    const socket = await connect(await signUp(one));
    const end = closed(socket);
    for (let n = 0; n < EVENTS * 10 + 10; n += 1) packet(socket);
    await end;
  });

  test('of attachments, and no more of them than a packet may have', async () => {
    const person = await signUp(one);
    const socket = await connect(person);
    const end = closed(socket);
    raw(socket, '51000-["channel:join",{"_placeholder":true,"num":0}]');
    await end;
  });
});

test('a packet that cannot be read ends the connection and counts, so that coming back is not free', async () => {
  const strict = await createTestApp({ env: { SOCKET_EVENTS: '5/hour' } });
  try {
    const person = await signUp(strict);
    for (let n = 0; n < 5; n += 1) {
      const socket = await connect(person, strict);
      const end = closed(socket);
      raw(socket, 'nonsense');
      await end;
    }
    const reply = await ask(await connect(person, strict), 'channel:join', {});
    expect(reply).toMatchObject({ ok: false, problem: { code: 'rate_limited' } });
  } finally {
    await strict.close();
  }
});

describe('polling', () => {
  const polling = '/socket.io/?EIO=4&transport=polling';
  const opened = async (app: TestApp) =>
    JSON.parse((await send(`${app.url}${polling}`)).text.slice(1)).sid as string;

  test('has its limit for each connection, known or not', async () => {
    const strict = await createTestApp({ env: { SOCKET_EVENTS: '20/hour', RATE_LIMIT_GENERAL: '50/hour' } });
    try {
      const address = `${strict.url}${polling}&sid=${await opened(strict)}`;
      const statuses: number[] = [];
      let last: Awaited<ReturnType<typeof send>> | undefined;
      for (let n = 0; n < 30 && last?.status !== 429; n += 1) {
        // Packet 3 answers a ping.
        last = await send(address, { method: 'POST', body: '3' });
        statuses.push(last.status);
      }
      expect(last && problemOf(last)).toMatchObject({ status: 429, retryAfter: expect.any(Number) });
      expect(last?.headers.get('retry-after')).not.toBeNull();
      expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(20);

      const unknown: number[] = [];
      for (let n = 0; n < 55; n += 1)
        unknown.push((await send(`${strict.url}${polling}&sid=nobody${n}`)).status);
      expect(new Set(unknown)).toEqual(new Set([400, 429]));
    } finally {
      await strict.close();
    }
  });
});
