/** What nginx answers when client, connection or API misbehave: the times of infra/nginx, but shorter. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ensureServers } from '@plinth/dev-services';
import { until } from '../apps/backend/src/testing/until.ts';
import { ask, expectProblem, type Front, SECURITY_HEADERS, sendRaw, startFront } from './testing/front.ts';

const INSTALL_MS = 300_000;
const HEAD = 'Host: plinth\r\nConnection: close\r\n';
const LONG = 'a'.repeat(17_000);

/** Stands for an API in trouble: the path says in which. */
const trouble = createServer((req, res) => {
  if (req.url === '/api/silent') return;
  if (req.url === '/api/cut') req.socket.destroy();
  else if (req.url === '/api/nonsense') req.socket.end('SSH-2.0-OpenSSH\r\n');
  else if (req.url === '/api/flood')
    req.socket.end(`HTTP/1.1 200 OK\r\nX-Long: ${'a'.repeat(70_000)}\r\n\r\n`);
  else res.writeHead(418, { 'content-type': 'application/problem+json' }).end('{"code":"teapot"}');
});

let front: Front;
beforeAll(async () => {
  await ensureServers(['nginx']);
  await once(trouble.listen(0, '127.0.0.1'), 'listening');
  front = await startFront([(trouble.address() as AddressInfo).port], {
    times: { proxy_read_timeout: '300ms', client_header_timeout: '300ms', client_body_timeout: '300ms' },
  });
}, INSTALL_MS);
afterAll(async () => {
  await front?.close();
  (trouble as Server).closeAllConnections();
  trouble.close();
});

describe('an API in trouble is told apart from a request in trouble', () => {
  test.each([
    ['does not answer in time', '/api/silent'],
    ['hangs up', '/api/cut'],
    ['sends headers without end', '/api/flood'],
  ])('one that %s: 503, when to try again, and the request id', async (_what, path) => {
    for (const method of ['GET', 'POST']) {
      const reply = await ask(front, path, { method, headers: { 'x-request-id': 'order-2026.11' } });
      expectProblem(reply, 503, 'unavailable');
      expect(reply.headers).toMatchObject({ 'retry-after': '5', 'x-request-id': 'order-2026.11' });
    }
  });

  test('one that does not speak HTTP leaves a line of JSON in the log like every other', async () => {
    const socket = connect(front.port, '127.0.0.1');
    socket.write(`GET /api/nonsense HTTP/1.1\r\n${HEAD}\r\n`);
    await socket.toArray();
    await until(async () =>
      (await front.accessLog()).some(({ path, status }) => path === '/api/nonsense' && status === 9),
    );
  });

  test('and its own errors pass as they are', async () => {
    const reply = await ask(front, '/api/teapot');
    expect(reply).toMatchObject({ status: 418, text: '{"code":"teapot"}' });
    for (const [name] of SECURITY_HEADERS.filter(([name]) => name !== 'x-request-id'))
      expect(reply.headers).not.toHaveProperty(name);
  });
});

describe('a request that nginx refuses is answered in the words of the API, with its own status', () => {
  const chunked = `POST /api/v1/orgs HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
  const tooMuch = 1024 * 1024 + 1;
  test.each<[string, string, number, string]>([
    ['one header too long', `GET / HTTP/1.1\r\n${HEAD}X-Long: ${LONG}\r\n\r\n`, 431, 'headers_too_large'],
    [
      'headers too long together',
      `GET / HTTP/1.1\r\n${HEAD}${Array.from({ length: 9 }, (_, n) => `X-${n}: ${'a'.repeat(9000)}\r\n`).join('')}\r\n`,
      431,
      'headers_too_large',
    ],
    [
      'a cookie too long for the API',
      `GET /api/a HTTP/1.1\r\n${HEAD}Cookie: ${LONG}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['an address too long', `GET /${LONG} HTTP/1.1\r\n${HEAD}\r\n`, 414, 'malformed'],
    ['an address too long for the API', `GET /api/${LONG} HTTP/1.1\r\n${HEAD}\r\n`, 414, 'malformed'],
    ['a query too long', `GET /?${LONG} HTTP/1.1\r\n${HEAD}\r\n`, 414, 'malformed'],
    [
      'a body too large, by its length',
      `POST /api/a HTTP/1.1\r\n${HEAD}Content-Length: ${tooMuch}\r\n\r\n`,
      413,
      'payload_too_large',
    ],
    [
      'a body too large, in chunks',
      `${chunked}${tooMuch.toString(16)}\r\n${'x'.repeat(tooMuch)}\r\n0\r\n\r\n`,
      413,
      'payload_too_large',
    ],
    ['a chunk that is none', `${chunked}zz\r\nbroken`, 400, 'malformed'],
    ['a chunk of a negative length', `${chunked}-1\r\n`, 400, 'malformed'],
    ['an address that leaves the root', `GET /../../etc/passwd HTTP/1.1\r\n${HEAD}\r\n`, 400, 'malformed'],
    ['a broken escape', `GET /%zz HTTP/1.1\r\n${HEAD}\r\n`, 400, 'malformed'],
    ['a zero byte', `GET /%00 HTTP/1.1\r\n${HEAD}\r\n`, 400, 'malformed'],
    ['a Host that is none', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 400, 'malformed'],
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400, 'malformed'],
    ['no Host', 'GET /api/a HTTP/1.1\r\n\r\n', 400, 'malformed'],
    ['a header without a colon', `GET / HTTP/1.1\r\n${HEAD}nonsense\x01\r\n\r\n`, 400, 'malformed'],
    ['a method in lower case', `get / HTTP/1.1\r\n${HEAD}\r\n`, 400, 'malformed'],
    ['TLS on the plain port', '\x16\x03\x01\x00\xa5\x01\x00\r\n\r\n', 400, 'malformed'],
    ['an HTTP/1.1 client that skips the version', 'GET / HTTP/x\r\n\r\n', 400, 'malformed'],
    ['CONNECT with a path', `CONNECT /api HTTP/1.1\r\n${HEAD}\r\n`, 405, 'method_not_allowed'],
    // Its target is no path, so nginx reads no further (RFC 9112, 3.2.3).
    ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n', 400, 'malformed'],
    ['TRACE', `TRACE /api/a HTTP/1.1\r\n${HEAD}\r\n`, 405, 'method_not_allowed'],
    ['DELETE of a page', `DELETE /a HTTP/1.1\r\n${HEAD}\r\n`, 405, 'method_not_allowed'],
    [
      'an unknown transfer encoding',
      `POST /api/a HTTP/1.1\r\n${HEAD}Transfer-Encoding: br\r\n\r\n`,
      501,
      'not_implemented',
    ],
    ['HTTP/2 by prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'malformed'],
    ['HTTP/3.0', `GET / HTTP/3.0\r\n${HEAD}\r\n`, 505, 'http_version_not_supported'],
  ])('%s', async (_what, bytes, status, code) => {
    expectProblem(await sendRaw(front, bytes), status, code);
  });

  test('a part of a file is not cut out: the whole one comes', async () => {
    for (const range of ['bytes=0-1', 'bytes=1000-2000', 'bytes=0-,0-,0-,0-'])
      expect(await ask(front, '/assets/app-4f2a.js', { headers: { range } })).toMatchObject({
        status: 200,
        text: 'export {};',
      });
  });
});

describe('a client that does not go on', () => {
  // RFC 9110, 15.5.9: a server that will not wait may close; nginx does so without a 408 that nobody waits for.
  test.each([
    ['in its headers', 'GET /api/a HTTP/1.1\r\nHost: pli'],
    ['in its body', `POST /api/a HTTP/1.1\r\nHost: plinth\r\nContent-Length: 9\r\n\r\nab`],
    ['in a chunk', 'POST /api/a HTTP/1.1\r\nHost: plinth\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab'],
  ])('%s is hung up on, and the log says 408', async (_what, bytes) => {
    const before = (await front.accessLog()).length;
    const socket = connect(front.port, '127.0.0.1');
    socket.write(bytes);
    expect(Buffer.concat(await socket.toArray()).toString()).toBe('');
    await until(async () => (await front.accessLog()).slice(before).some(({ status }) => status === 408));
  });

  test('for the answer is 499 in the log, and the next one is served', async () => {
    const reached = once(trouble, 'request');
    const socket = connect(front.port, '127.0.0.1');
    socket.write(`GET /api/silent HTTP/1.1\r\n${HEAD}X-Request-ID: given-up-1\r\n\r\n`);
    await reached;
    socket.destroy();
    await until(async () =>
      (await front.accessLog()).some(({ status, requestId }) => status === 499 && requestId === 'given-up-1'),
    );
    expect((await ask(front, '/nginx-health')).status).toBe(200);
  });
});
