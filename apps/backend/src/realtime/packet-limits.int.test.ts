import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Socket } from 'socket.io-client';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { type Person, signUp } from '../testing/factories.ts';
import { problemOf, send } from '../testing/http.ts';
import { connectTo, ask as read } from '../testing/raw-http.ts';
import { ask, connectSocket, type TestSocket } from '../testing/sockets.ts';
import { until } from '../testing/until.ts';

const POLLING = '/socket.io/?EIO=4&transport=polling';
const SEPARATOR = '\x1e';

let app: TestApp;
let ada: Person;
const open: WebSocket[] = [];

beforeAll(async () => {
  app = await createTestApp({ env: { SOCKET_EVENTS: '100/hour', LOG_LEVEL: 'info' } });
  ada = await signUp(app, 'Ada');
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});
afterAll(() => app.close());

interface Raw {
  readonly socket: WebSocket;
  readonly received: string[];
  readonly end: Promise<CloseEvent>;
}

/** A WebSocket below Socket.IO, after the server's greeting. */
async function rawSocket(token?: string): Promise<Raw> {
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  open.push(socket);
  const received: string[] = [];
  socket.addEventListener('message', ({ data }) => void received.push(String(data)));
  const end = new Promise<CloseEvent>((resolve) => socket.addEventListener('close', resolve));
  await until(async () => received.length > 0);
  if (token !== undefined) {
    socket.send(`40${JSON.stringify({ token })}`);
    await until(async () => received.some((text) => text.startsWith('40')));
  }
  return { socket, received, end };
}

const opened = async (): Promise<string> =>
  JSON.parse((await send(`${app.url}${POLLING}`)).text.slice(1)).sid;
const post = (sid: string, body: string) =>
  send(`${app.url}${POLLING}&sid=${sid}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'text/plain;charset=UTF-8' },
  });
/** Packets that the engine has decoded, by watching what it hands on. */
const decoded = (): { count: number } => {
  const seen = { count: 0 };
  app.sockets.io.engine.once('connection', (conn) => conn.on('packet', () => (seen.count += 1)));
  return seen;
};

describe('a connection that has not said who it is', () => {
  test.each([
    ['binary', 'bAAAA'],
    ['text', '4'],
    ['pong', '3'],
    ['unreadable', 'x'],
    ['empty', ''],
  ])('has none of too many %s packets in one request decoded', async (_what, packet) => {
    const seen = decoded();
    const sid = await opened();
    await post(sid, Array(2000).fill(packet).join(SEPARATOR).slice(0, 15_000));
    expect(seen.count).toBe(0);
    expect((await post(sid, '3')).status).toBe(400);
  });

  test('may send 16 KiB in a request of polling, and is told so', async () => {
    const sid = await opened();
    const refused = await post(sid, `4${'x'.repeat(17_000)}`);
    expect(problemOf(refused)).toMatchObject({ status: 413, code: 'payload_too_large' });
  });

  test.each([
    ['in one packet', 1],
    ['in several', 10],
  ])('may send 16 KiB over WebSocket, %s, and is told why it is closed', async (_how, parts) => {
    const { socket, end } = await rawSocket();
    const part = `40/x,{"filler":"${'x'.repeat(17_000 / parts)}"}`;
    // Of several only the first is a CONNECT.
    socket.send(part);
    for (let n = 1; n < parts; n += 1) socket.send(`3${part}`);
    expect(await end).toMatchObject({ code: 1008, reason: 'Too many bytes' });
  });
});

test.each([
  ['pings', 0x89],
  ['pongs', 0x8a],
])('%s of WebSocket count like packets', async (_what, opcode) => {
  const socket = await connectTo(app.url);
  const gone = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  await read(
    socket,
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: plinth\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    'maxPayload',
  );
  const told = read(socket, '', 'Too many packets');
  // Masked with zeros, and empty.
  for (let n = 0; n < 30; n += 1) socket.write(Buffer.from([opcode, 0x80, 0, 0, 0, 0]));
  await told;
  await gone;
});

describe('somebody known', () => {
  test('has a packet of 120 KiB answered, and is closed with a reason by a larger one', async () => {
    const { socket, received, end } = await rawSocket(ada.accessToken);
    socket.send(`421["channel:join",{"filler":"${'x'.repeat(120 * 1024)}"}]`);
    await until(async () => received.some((text) => text.startsWith('431') && text.includes('413')));
    socket.send(`422["channel:join",{"filler":"${'x'.repeat(128 * 1024)}"}]`);
    expect(await end).toMatchObject({ code: 1009 });
  });

  test('has bytes counted as well as packets, on all connections together', async () => {
    const flooder = await signUp(app, 'Mallory');
    const sockets = [await rawSocket(flooder.accessToken), await rawSocket(flooder.accessToken)];
    const packet = `42["no:such","${'x'.repeat(100 * 1024)}"]`;
    // 100 events of 32 KiB on average.
    for (let n = 0; n < 34; n += 1) sockets[n % 2]?.socket.send(packet);
    const ends = await Promise.race(sockets.map(({ end }) => end));
    expect(ends).toMatchObject({ code: 1008, reason: 'Too many bytes' });
    const again = await rawSocket(flooder.accessToken);
    again.socket.send(packet);
    expect(await again.end).toMatchObject({ code: 1008 });
  });

  test('may not send attachments: no event has any', async () => {
    const { socket, received, end } = await rawSocket(ada.accessToken);
    socket.send('451-1["channel:join",{"_placeholder":true,"num":0}]');
    socket.send(new Uint8Array(100));
    await end;
    expect(received.filter((text) => text.startsWith('43'))).toEqual([]);
  });

  test.each([20, 100, 6000, 30_000])('is told that %i levels are too many', async (levels) => {
    const { socket, received } = await rawSocket(ada.accessToken);
    const lines = app.logLines.length;
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      if (levels * (open.length + 1) > 120_000) continue;
      received.length = 0;
      const inner = open === '[' ? '' : '1';
      socket.send(`421["channel:join",{"orgId":${open.repeat(levels)}${inner}${close.repeat(levels)}}]`);
      await until(async () => received.some((text) => text.startsWith('431')));
      expect(JSON.parse(received.find((text) => text.startsWith('431'))?.slice(3) ?? '')).toMatchObject([
        { ok: false, problem: { status: 400, code: 'invalid_input' } },
      ]);
    }
    expect(app.logLines.slice(lines).filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  });

  test('is one person on one connection: a second CONNECT ends it', async () => {
    const grace = await signUp(app, 'Grace');
    const { socket, received, end } = await rawSocket();
    for (const token of [ada.accessToken, grace.accessToken, ada.accessToken])
      socket.send(`40${JSON.stringify({ token })}`);
    await end;
    expect(received.filter((text) => text.startsWith('40'))).toEqual([]);
    await until(async () => (await app.sockets.io.fetchSockets()).length === 0);
  });

  test('must read what it asks for', async () => {
    const reader = await signUp(app, 'Rhoda');
    const { orgId } = reader;
    const { id: channelId } = await reader.api.channels.createChannel({
      params: { orgId },
      body: { name: 'unread' },
    });
    // Over polling nothing is read without asking.
    const sid = await opened();
    await post(sid, `40${JSON.stringify({ token: reader.accessToken })}`);
    expect((await send(`${app.url}${POLLING}&sid=${sid}`)).status).toBe(200);
    await post(sid, `42${JSON.stringify(['channel:join', { orgId, channelId }])}`);
    const sender = await connectSocket(app.url, reader.accessToken);
    try {
      const body = 'x'.repeat(4000);
      await until(async () => {
        app.sockets.io.local.emit('message:created', { body: body.repeat(20) } as never);
        return app.logLines.some((line) => line.includes('its client does not read'));
      });
      expect((await send(`${app.url}${POLLING}&sid=${sid}`)).status).toBe(400);
      // Whoever reads stays.
      expect(await ask(sender as TestSocket, 'channel:join', { orgId, channelId })).toMatchObject({
        ok: true,
      });
    } finally {
      (sender as Socket).close();
    }
  });
});
