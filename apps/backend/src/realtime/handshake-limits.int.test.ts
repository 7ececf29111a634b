import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort, type RedisServer, startRedis } from '@plinth/dev-services';
import { io } from 'socket.io-client';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { type Person, signUp, TEST_PASSWORD } from '../testing/factories.ts';
import { problemOf, send } from '../testing/http.ts';
import { connectTo, parseReplies, ask as read } from '../testing/raw-http.ts';
import { closed, connectSocket, type TestSocket } from '../testing/sockets.ts';
import { until } from '../testing/until.ts';

const FAILURES = 60;

let redis: RedisServer;
let one: TestApp;
let two: TestApp;
const open: TestSocket[] = [];

beforeAll(async () => {
  redis = await startRedis({ port: await freePort() });
  const env = {
    REDIS_URL: redis.url,
    REDIS_NAMESPACE: 'handshakes',
    TRUST_PROXY: '1',
    SOCKET_HANDSHAKES: `${FAILURES}/hour`,
    RATE_LIMIT_SESSION: '100/hour',
    SOCKETS_PER_USER: '20',
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

type Refusal = Error & {
  data?: { status: number; retryAfter?: number; detail: string };
  description?: unknown;
};

/** Connects from an address; resolves with the socket or with why there is none. */
const tryFrom = (
  from: string,
  token: string,
  { at = one, headers = {} }: { at?: TestApp; headers?: Record<string, string> } = {},
): Promise<TestSocket | Refusal> => {
  const socket: TestSocket = io(at.url, {
    transports: ['websocket'],
    auth: { token },
    reconnection: false,
    forceNew: true,
    extraHeaders: { 'x-forwarded-for': from, ...headers },
  });
  return new Promise((resolve) => {
    socket.once('connect', () => {
      open.push(socket);
      resolve(socket);
    });
    socket.once('connect_error', (error) => {
      socket.close();
      resolve(error);
    });
  });
};
const isOpen = (outcome: TestSocket | Refusal): outcome is TestSocket => !(outcome instanceof Error);
/** 401 and 429 as problems of Socket.IO; a refusal before it has no status that a client of WebSocket can see. */
const statusOf = (outcome: TestSocket | Refusal) =>
  isOpen(outcome) ? 101 : (outcome.data?.status ?? 'refused');

const WEBSOCKET = '/socket.io/?EIO=4&transport=websocket';
const POLLING = '/socket.io/?EIO=4&transport=polling';
/** What the server says to an upgrade. */
const beginHandshake = async (from: string): Promise<string> => {
  const socket = await connectTo(one.url);
  const bytes = `GET ${WEBSOCKET} HTTP/1.1\r\nHost: plinth\r\nX-Forwarded-For: ${from}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
  const answer = await read(socket, bytes, '\r\n\r\n');
  socket.destroy();
  return answer;
};

/** Uses up what an address may fail, on both instances. */
const exhaust = async (from: string) => {
  const outcomes: (number | string)[] = [];
  for (let n = 0; n < 600; n += 50) {
    const at = n % 100 ? one : two;
    const some = await Promise.all(Array.from({ length: 50 }, () => tryFrom(from, 'a.b.c', { at })));
    outcomes.push(...some.map(statusOf));
  }
  return outcomes;
};

describe('600 handshakes with a wrong token from one address', () => {
  const from = '203.0.113.10';
  let person: Person;
  let outcomes: (number | string)[];
  beforeAll(async () => {
    person = await signUp(one, 'Ada');
    outcomes = await exhaust(from);
  });

  test('are refused after the first ones, on both instances together', () => {
    expect(outcomes).toHaveLength(600);
    expect(outcomes.filter((status) => status === 401)).toHaveLength(FAILURES);
    expect(outcomes.filter((status) => status === 'refused').length).toBeGreaterThan(300);
  });

  test('the refusal is a problem with Retry-After, over WebSocket and polling', async () => {
    // One at a time is let through, so the second of two at once is refused.
    const replies = await Promise.all(
      Array.from({ length: 6 }, () => send(`${one.url}${POLLING}`, { headers: { 'x-forwarded-for': from } })),
    );
    const refused = replies.find(({ status }) => status === 429);
    expect(refused && problemOf(refused)).toMatchObject({ code: 'rate_limited', retryAfter: 1 });
    expect(refused?.headers.get('retry-after')).toBe('1');
    const heads = await Promise.all(Array.from({ length: 6 }, () => beginHandshake(from)));
    const [head] = parseReplies(heads.find((one) => one.startsWith('HTTP/1.1 429')) ?? '');
    expect(head?.headers['retry-after']).toBe('1');
    expect(JSON.parse(head?.body ?? '')).toMatchObject({ status: 429, code: 'rate_limited' });
  });

  test('take nothing from people signed in at the same address: by token, by cookie, and without either in a moment', async () => {
    const bearer = { authorization: `Bearer ${person.accessToken}` };
    expect(statusOf(await tryFrom(from, person.accessToken, { headers: bearer }))).toBe(101);
    const cookie = { cookie: `${one.config.cookies.refresh}=${person.refreshToken}` };
    expect(statusOf(await tryFrom(from, person.accessToken, { headers: cookie, at: two }))).toBe(101);
    await until(async () => isOpen(await tryFrom(from, person.accessToken)));
    const refreshed = await send(`${one.url}/api/v1/auth/refresh`, {
      json: { refreshToken: person.refreshToken },
      headers: { 'x-forwarded-for': from },
    });
    expect(refreshed.status).toBe(200);
  });

  test('say nothing about anybody at another address', async () => {
    expect(statusOf(await tryFrom('198.51.100.1', person.accessToken))).toBe(101);
    expect(statusOf(await tryFrom('198.51.100.2', 'a.b.c'))).toBe(401);
  });

  test('are one line in the log for each that was answered, and are counted', async () => {
    const metrics = await one.platform.metrics.registry.metrics();
    expect(metrics).toMatch(/rate_limit_exceeded_total\{class="handshake"\} [1-9]/);
  });
});

test('handshakes of a foreign page and those that say nothing are failures, too', async () => {
  const foreign = '203.0.114.1';
  const silent = '203.0.115.1';
  const isRefused = async (from: string) => isOpen(await tryFrom(from, 'a.b.c')) === false;
  await Promise.all(
    Array.from({ length: FAILURES }, () =>
      tryFrom(foreign, 'a.b.c', { headers: { origin: 'https://evil.example' } }),
    ),
  );
  expect(await isRefused(foreign)).toBe(true);
  await until(async () => statusOf(await tryFrom(foreign, 'a.b.c')) === 429);

  for (let n = 0; n < FAILURES; n += 1) {
    const { sid } = JSON.parse(
      (await send(`${one.url}${POLLING}`, { headers: { 'x-forwarded-for': silent } })).text.slice(1),
    );
    // Packet 1 closes the connection.
    await send(`${one.url}${POLLING}&sid=${sid}`, { method: 'POST', body: '1' });
  }
  await until(async () => statusOf(await tryFrom(silent, 'a.b.c')) === 429);
});

test('500 sockets behind one address come back at once after a restart', async () => {
  const from = '203.0.116.1';
  const people = await Promise.all(Array.from({ length: 25 }, () => signUp(one)));
  const outcomes = await Promise.all(
    people.flatMap((person) =>
      Array.from({ length: 20 }, (_, n) => tryFrom(from, person.accessToken, { at: n % 2 ? one : two })),
    ),
  );
  expect(outcomes.filter(isOpen)).toHaveLength(500);
});

/** Opens connections that say nothing; resolves with how many there are. */
const openSilent = async (count: number, headers: Record<string, string>): Promise<number> => {
  const replies = await Promise.all(
    Array.from({ length: count }, () => send(`${one.url}${POLLING}`, { headers })),
  );
  for (const { status } of replies) expect([200, 429]).toContain(status);
  return replies.filter(({ status }) => status === 200).length;
};

test('connections that say nothing hold no more than the places of their address, and none of people signed in', async () => {
  const from = '203.0.117.1';
  const person = await signUp(one);
  expect(await openSilent(510, { 'x-forwarded-for': from })).toBe(500);
  const bearer = { authorization: `Bearer ${person.accessToken}` };
  expect(statusOf(await tryFrom(from, person.accessToken, { headers: bearer }))).toBe(101);
  const cookie = { cookie: `${one.config.cookies.refresh}=${person.refreshToken}` };
  expect(statusOf(await tryFrom(from, person.accessToken, { headers: cookie }))).toBe(101);
});

test('a user has no more connections that say nothing than sockets, whatever the session, token or address', async () => {
  const person = await signUp(one, 'Ada');
  const tokens = [{ accessToken: person.accessToken, refreshToken: person.refreshToken }];
  for (let n = 0; n < 2; n += 1) {
    const signedIn = await send(`${one.url}/api/v1/auth/login`, {
      json: { email: person.email, password: TEST_PASSWORD, refreshTokenIn: 'body' },
    });
    tokens.push(signedIn.json() as (typeof tokens)[number]);
  }
  const opened = await Promise.all(
    tokens.flatMap(({ accessToken, refreshToken }, n) => [
      openSilent(15, { authorization: `Bearer ${accessToken}`, 'x-forwarded-for': `198.20.${n}.1` }),
      openSilent(15, {
        cookie: `${one.config.cookies.refresh}=${refreshToken}`,
        'x-forwarded-for': `198.21.${n}.1`,
      }),
    ]),
  );
  expect(opened.reduce((sum, some) => sum + some)).toBe(20);
});

test('one that has not said who it is may send little', async () => {
  const reply = await send(`${one.url}${POLLING}`, { headers: { 'x-forwarded-for': '203.0.118.1' } });
  const { sid } = JSON.parse(reply.text.slice(1));
  const many = Array.from({ length: 100 }, () => '40/x,').join('\x1e');
  await send(`${one.url}${POLLING}&sid=${sid}`, { method: 'POST', body: many });
  expect((await send(`${one.url}${POLLING}&sid=${sid}`)).status).not.toBe(200);
});

test('a session may connect so often and no more, wherever it comes from', async () => {
  const person = await signUp(one);
  const statuses: (number | string)[] = [];
  for (let n = 0; n < 110; n += 1) {
    const outcome = await tryFrom(`198.18.${n}.1`, person.accessToken, { at: n % 2 ? one : two });
    statuses.push(statusOf(outcome));
    if (isOpen(outcome)) outcome.close();
  }
  expect(statuses.filter((status) => status === 101)).toHaveLength(100);
  expect(statuses.at(-1)).toBe(429);
});

describe('the sockets of one user', () => {
  const connect = (person: Person, at: TestApp) => connectSocket(at.url, person.accessToken);

  test('are 20 on all instances together; the newest is told so, and there is room again when one ends', async () => {
    const person = await signUp(one);
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        tryFrom('198.19.0.1', person.accessToken, { at: n % 2 ? one : two }),
      ),
    );
    const connected = outcomes.filter(isOpen);
    expect(connected).toHaveLength(20);
    const refused = outcomes.find((outcome): outcome is Refusal => !isOpen(outcome));
    expect(refused?.data).toMatchObject({
      status: 429,
      retryAfter: expect.any(Number),
      detail: 'You are connected 20 times already. Close a tab or a device that you do not need.',
    });
    for (const socket of connected) expect(socket.connected).toBe(true);
    connected[0]?.close();
    await until(async () => isOpen(await tryFrom('198.19.0.1', person.accessToken, { at: two })));
  });

  test('of an instance that was killed do not count for long', async () => {
    const person = await signUp(one);
    const { commands } = one.platform.redis ?? {};
    for (let n = 0; n < 20; n += 1) await commands?.hset(`sockets:${person.user.id}`, `socket-${n}`, 'dead');
    open.push(await connect(person, one));
    expect(await commands?.hlen(`sockets:${person.user.id}`)).toBe(1);
    // Those of an instance that lives do.
    await commands?.set('instance:living', '1', 'PX', 60_000);
    for (let n = 0; n < 19; n += 1)
      await commands?.hset(`sockets:${person.user.id}`, `socket-${n}`, 'living');
    await expect(connect(person, one)).rejects.toMatchObject({ data: { status: 429 } });
  });

  test('a client that leaves its namespace leaves no connection behind', async () => {
    const person = await signUp(one);
    const socket = await connect(person, one);
    const { engine } = socket.io;
    const gone = new Promise((resolve) => engine.once('close', resolve));
    const end = closed(socket);
    // Packet 1 of Socket.IO: a disconnect that keeps the connection.
    engine.send('1');
    await gone;
    await end;
  });

  test('are counted by each instance alone while there is no Redis', async () => {
    const alone = await createTestApp({ env: { SOCKETS_PER_USER: '3' } });
    try {
      const person = await signUp(alone);
      for (let n = 0; n < 3; n += 1) open.push(await connect(person, alone));
      await expect(connect(person, alone)).rejects.toMatchObject({ data: { status: 429 } });
      open.pop()?.close();
      await until(async () => {
        open.push(await connect(person, alone));
        return true;
      });
    } finally {
      await alone.close();
    }
  });
});
