import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Problem } from '@plinth/contracts';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { signUp } from '../testing/factories.ts';
import { send } from '../testing/http.ts';
import { ask, connectTo, exchange, parseReplies, type RawReply } from '../testing/raw-http.ts';
import { connectSocket } from '../testing/sockets.ts';
import { until } from '../testing/until.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const SOCKET = '/socket.io/?EIO=4&transport=websocket';
const UPGRADE = { Connection: 'Upgrade', Upgrade: 'websocket' };
const HANDSHAKE = { ...UPGRADE, 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': KEY };

const request = (method: string, path: string, headers: Record<string, string> = {}, body = ''): string => {
  const lines = Object.entries({ Host: 'plinth', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
};

function expectProblem(reply: RawReply | undefined, status: number, code: string): void {
  expect(reply).toMatchObject({
    status,
    headers: {
      'content-type': expect.stringMatching(/^application\/problem\+json/),
      'x-content-type-options': 'nosniff',
      'strict-transport-security': expect.stringContaining('max-age=31536000'),
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'cache-control': 'no-store',
    },
  });
  const problem = Problem.parse(JSON.parse(reply?.body ?? ''));
  expect(problem).toMatchObject({ status, code, requestId: reply?.headers['x-request-id'] });
}

describe('a request that asks for an upgrade nobody serves is answered as HTTP/1.1', () => {
  test.each<[string, Record<string, string>]>([
    [
      'h2c, as curl --http2 sends it',
      { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABk' },
    ],
    ['TLS', { Connection: 'Upgrade', Upgrade: 'TLS/1.0' }],
    ['something unknown', { Connection: 'Upgrade', Upgrade: 'x' }],
    ['a WebSocket on another path', HANDSHAKE],
  ])('%s', async (_what, headers) => {
    const [reply] = await exchange(app.url, request('GET', '/healthz', headers));
    expect(reply).toMatchObject({ status: 200, body: '{"status":"alive"}' });
  });

  test('also after an ordinary one on the same connection', async () => {
    const socket = await connectTo(app.url);
    await ask(socket, request('GET', '/healthz'), 'alive');
    const answer = await ask(
      socket,
      request('GET', '/healthz', { Connection: 'Upgrade', Upgrade: 'x' }),
      'alive',
    );
    expect(parseReplies(answer)).toMatchObject([{ status: 200, headers: { connection: 'close' } }]);
    await once(socket, 'close');
  });

  test('also with a body, by Content-Length or in chunks', async () => {
    const json = { ...UPGRADE, Upgrade: 'h2c', 'Content-Type': 'application/json' };
    const body = '{"email":"nobody@example.com","password":"wrong"}';
    const byLength = { ...json, 'Content-Length': String(body.length) };
    const inChunks = { ...json, 'Transfer-Encoding': 'chunked' };
    const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    for (const bytes of [
      request('POST', '/api/v1/auth/login', byLength, body),
      request('POST', '/api/v1/auth/login', inChunks, chunks),
    ]) {
      const [reply] = await exchange(app.url, bytes);
      expectProblem(reply, 401, 'invalid_credentials');
    }
  });
});

describe('a handshake that is not complete is told what is missing', () => {
  const cases: [string, string, Record<string, string>, number, string][] = [
    ['another version', SOCKET, { ...HANDSHAKE, 'Sec-WebSocket-Version': '12' }, 426, 'upgrade_required'],
    ['no version', SOCKET, { ...UPGRADE, 'Sec-WebSocket-Key': KEY }, 426, 'upgrade_required'],
    ['no key', SOCKET, { ...UPGRADE, 'Sec-WebSocket-Version': '13' }, 400, 'malformed'],
    ['a key that is none', SOCKET, { ...HANDSHAKE, 'Sec-WebSocket-Key': 'short' }, 400, 'malformed'],
    [
      'a subprotocol that is none',
      SOCKET,
      { ...HANDSHAKE, 'Sec-WebSocket-Protocol': 'a,,a' },
      400,
      'malformed',
    ],
    ['an old Engine.IO', '/socket.io/?EIO=3&transport=websocket', HANDSHAKE, 400, 'malformed'],
    ['no transport', '/socket.io/?EIO=4', HANDSHAKE, 400, 'malformed'],
    ['a session that is not known', `${SOCKET}&sid=nobody`, HANDSHAKE, 400, 'malformed'],
    ['a foreign origin', SOCKET, { ...HANDSHAKE, Origin: 'https://evil.example' }, 403, 'forbidden'],
    [
      'a header that never ends',
      SOCKET,
      { ...HANDSHAKE, 'X-Long': 'x'.repeat(20_000) },
      431,
      'headers_too_large',
    ],
  ];
  test.each(cases)('%s', async (_what, path, headers, status, code) => {
    const [reply] = await exchange(app.url, request('GET', path, headers));
    expectProblem(reply, status, code);
    if (status === 426) expect(reply?.headers['sec-websocket-version']).toBe('13');
  });

  test('the request id of a refused socket is the one that was sent', async () => {
    const headers = { ...HANDSHAKE, Origin: 'https://evil.example', 'X-Request-ID': 'socket-4711' };
    const [reply] = await exchange(app.url, request('GET', SOCKET, headers));
    expect(reply?.headers['x-request-id']).toBe('socket-4711');
  });
});

test('refusals of long polling are problems, too', async () => {
  const polling = '/socket.io/?EIO=4&transport=polling';
  const open = await send(`${app.url}${polling}`);
  const sid: string = JSON.parse(open.text.slice(1)).sid;
  const close = { Connection: 'close' };
  const tooMuch = 1024 * 1024 + 1;
  const cases: [string, number, string][] = [
    [request('GET', '/socket.io/?EIO=4&transport=pigeon', close), 400, 'malformed'],
    [request('GET', '/socket.io/?EIO=3&transport=polling', close), 400, 'malformed'],
    [request('POST', polling, { ...close, 'Content-Length': '1' }, 'x'), 405, 'method_not_allowed'],
    [request('GET', `${polling}&sid=nobody`, close), 400, 'malformed'],
    [request('GET', polling, { ...close, Origin: 'https://evil.example' }), 403, 'forbidden'],
    [request('PUT', `${polling}&sid=${sid}`, close), 400, 'malformed'],
    [
      request(
        'POST',
        `${polling}&sid=${sid}`,
        { ...close, 'Content-Length': `${tooMuch}` },
        'x'.repeat(tooMuch),
      ),
      413,
      'payload_too_large',
    ],
    [request('GET', '/socket.io/other', close), 404, 'not_found'],
  ];
  for (const [bytes, status, code] of cases) expectProblem((await exchange(app.url, bytes))[0], status, code);
});

describe('a real socket', () => {
  test('is served over WebSocket with the security headers on its handshake', async () => {
    const socket = await connectTo(app.url);
    const answer = await ask(socket, request('GET', SOCKET, HANDSHAKE), '\r\n\r\n');
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer).toMatch(/strict-transport-security: max-age=31536000/i);
    expect(answer).toMatch(/x-request-id: [\w-]{36}/i);
    const { accessToken } = await signUp(app);
    (await connectSocket(app.url, accessToken)).close();
  });

  test('may hang up in any part of its handshake', async () => {
    const whole = request('GET', SOCKET, HANDSHAKE);
    for (const bytes of [whole.slice(0, 40), whole.slice(0, -2), whole]) {
      const socket = await connectTo(app.url);
      socket.write(bytes);
      socket.resetAndDestroy();
    }
    expect((await send(`${app.url}/healthz`)).status).toBe(200);
  });
});

describe('what cannot be read as a request', () => {
  test.each<[string, string, number, string]>([
    ['no Host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'malformed'],
    [
      'an odd expectation',
      request('GET', '/healthz', { Expect: '200-ok', Connection: 'close' }),
      417,
      'expectation_failed',
    ],
    ['CONNECT', request('CONNECT', 'example.com:443'), 405, 'method_not_allowed'],
    ['TRACE', request('TRACE', '/healthz', { Connection: 'close' }), 405, 'method_not_allowed'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505, 'http_version_not_supported'],
    [
      'another version',
      request('GET', '/').replace('HTTP/1.1', 'HTTP/1.2'),
      505,
      'http_version_not_supported',
    ],
    ['no HTTP at all', '\x16\x03\x01\x00\xa5', 400, 'malformed'],
    [
      'a length and chunks',
      request('POST', '/', { 'Content-Length': '1', 'Transfer-Encoding': 'chunked' }),
      400,
      'malformed',
    ],
    ['too many headers', request('GET', '/', { 'X-Long': 'x'.repeat(20_000) }), 431, 'headers_too_large'],
  ])('%s: a problem with id and headers', async (_what, bytes, status, code) => {
    expectProblem((await exchange(app.url, bytes))[0], status, code);
  });

  test('in the middle of a body is told so, as long as nothing has been answered', async () => {
    const head = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' };
    const replies = await exchange(app.url, request('POST', '/api/v1/auth/login', head, 'zz\r\nbroken'));
    expect(replies).toHaveLength(1);
    expectProblem(replies[0], 400, 'malformed');
  });

  test('does not get into an answer that is under way', async () => {
    const polling = '/socket.io/?EIO=4&transport=polling';
    const sid: string = JSON.parse((await send(`${app.url}${polling}`)).text.slice(1)).sid;
    const socket = await connectTo(app.url);
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    // A poll waits for its answer when the next request turns out to be broken.
    socket.write(request('GET', `${polling}&sid=${sid}`));
    socket.write('NO HTTP\r\n\r\n');
    await once(socket, 'close');
    expect(received).not.toContain('400');
  });
});

/** Descriptors of this process, the server's included. */
const descriptors = (): number => readdirSync('/proc/self/fd').length;

describe('no connection outlives its client', () => {
  test.each<[string, string]>([
    ['an upgrade that nobody serves', request('GET', '/healthz', { Connection: 'Upgrade', Upgrade: 'x' })],
    [
      'a POST with an upgrade',
      request('POST', '/healthz', { Connection: 'Upgrade', Upgrade: 'x', 'Content-Length': '9' }),
    ],
    ['a WebSocket for another path', request('GET', '/elsewhere', HANDSHAKE)],
    ['a refused WebSocket', request('GET', SOCKET, { ...HANDSHAKE, Origin: 'https://evil.example' })],
    ['CONNECT', request('CONNECT', 'example.com:443')],
    ['a broken request', 'NO HTTP\r\n\r\n'],
  ])('%s', async (_what, bytes) => {
    const before = descriptors();
    const clients = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const socket = await connectTo(app.url);
        socket.on('error', () => {});
        await ask(socket, request('GET', '/healthz'), 'alive');
        socket.write(bytes);
        return socket;
      }),
    );
    for (const client of clients) client.destroy();
    await until(() => descriptors() <= before + 5);
  });

  test('2,000 upgrades in a row leave no descriptor behind', async () => {
    const before = descriptors();
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(
        Array.from({ length: 100 }, async () => {
          const socket = await connectTo(app.url);
          await ask(socket, request('GET', '/healthz'), 'alive');
          await ask(socket, request('GET', '/healthz', { Connection: 'Upgrade', Upgrade: 'x' }), 'alive');
          socket.destroy();
        }),
      );
    }
    await until(() => descriptors() <= before + 5);
  });

  test('not even when the client of a refused connection never hangs up', async () => {
    const before = await connections();
    for (const bytes of ['NO HTTP\r\n\r\n', request('CONNECT', 'example.com:443')]) {
      const socket = await connectTo(app.url);
      socket.on('error', () => {});
      socket.write(bytes);
      // Nothing is read and nothing is ended on this side.
      socket.pause();
      await until(async () => (await connections()) <= before);
      socket.destroy();
    }
  });
});

const connections = () =>
  new Promise<number>((resolve, reject) =>
    app.httpServer.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
