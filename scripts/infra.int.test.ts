/** The configuration of infra/nginx, run by a real nginx in front of a stand-in for the API (testing/front.ts). */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ensureServers, freePort } from '@plinth/dev-services';
import {
  ask,
  expectProblem,
  type Front,
  PAGE,
  SECURITY_HEADERS,
  sendRaw,
  startFront,
} from './testing/front.ts';

const INSTALL_MS = 300_000;

beforeAll(async () => {
  await ensureServers(['nginx']);
}, INSTALL_MS);

describe('nginx with its real configuration', () => {
  /** Stands for the API: answers with the headers that have reached it. */
  let upstream: Server;
  let web: Front;
  /** Behind a proxy that it does not know. */
  let suspicious: Front;
  /** In front of an API that is away. */
  let lonely: Front;

  /** What the upstream has seen of a request. */
  async function seen(front: Front, headers: Record<string, string>): Promise<IncomingHttpHeaders> {
    const { status, text } = await ask(front, '/api/v1/about', { headers });
    expect(status).toBe(200);
    return JSON.parse(text);
  }

  beforeAll(async () => {
    upstream = createServer((req, res) => res.end(JSON.stringify(req.headers)));
    await once(upstream.listen(0, '127.0.0.1'), 'listening');
    const { port } = upstream.address() as AddressInfo;
    [web, suspicious, lonely] = await Promise.all([
      startFront([port]),
      startFront([port], { trustedProxies: 'set_real_ip_from 192.0.2.1;' }),
      startFront([await freePort()]),
    ]);
  });
  afterAll(async () => {
    await Promise.all([web, suspicious, lonely].map((front) => front?.close()));
    upstream.closeAllConnections();
    upstream.close();
  });

  test('tells the API who asks when a trusted proxy stands in front, and not what the client claims', async () => {
    const headers = { 'x-forwarded-for': '198.51.100.66, 203.0.113.9' };
    expect((await seen(web, headers))['x-forwarded-for']).toBe('203.0.113.9');
    // A second proxy of ours behind the first.
    const twice = { 'x-forwarded-for': '198.51.100.66, 203.0.113.9, 172.30.80.1' };
    expect((await seen(web, twice))['x-forwarded-for']).toBe('203.0.113.9');
  });

  test('believes nobody else: a spoofed X-Forwarded-For, -Host or Forwarded does not reach the API', async () => {
    const got = await seen(suspicious, {
      'x-forwarded-for': '198.51.100.66',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'gopher',
      forwarded: 'for=198.51.100.66',
    });
    expect(got['x-forwarded-for']).toBe('127.0.0.1');
    expect(got['x-forwarded-proto']).toBe('http');
    expect(got).not.toHaveProperty('x-forwarded-host');
    expect(got).not.toHaveProperty('forwarded');
  });

  test('gives the API a request id: the one of the client when it is harmless, otherwise a new one', async () => {
    expect((await seen(web, { 'x-request-id': 'order-2026.11' }))['x-request-id']).toBe('order-2026.11');
    expect((await seen(web, { 'x-request-id': 'a"},"admin":true' }))['x-request-id']).toMatch(
      /^[0-9a-f]{32}$/,
    );
    expect((await seen(web, {}))['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
  });

  test.each([
    ['the page', '/channels/7', 200, 'no-cache'],
    ['an asset', '/assets/app-4f2a.js', 200, 'public, max-age=31536000, immutable'],
    ['a missing asset', '/assets/gone.js', 404, 'no-store'],
    ['its own health', '/nginx-health', 200, undefined],
  ])('sends the security headers and a request id with %s', async (_what, path, status, cacheControl) => {
    const reply = await ask(web, path);
    expect(reply.status).toBe(status);
    expect(reply.headers).toMatchObject(Object.fromEntries(SECURITY_HEADERS));
    expect(reply.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(reply.headers['cache-control']).toBe(cacheControl);
    expect(SECURITY_HEADERS.length).toBeGreaterThan(10);
  });

  test('leaves the headers of an API reply to the API', async () => {
    const { headers } = await ask(web, '/api/v1/about');
    for (const [name] of SECURITY_HEADERS) expect(headers).not.toHaveProperty(String(name));
  });

  test.each([
    [
      'a body over its limit',
      '/api/v1/orgs',
      { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) },
      413,
      'payload_too_large',
    ],
    ['an address without a file', '/nothing.txt', {}, 404, 'not_found'],
    ['the folder of Git', '/.git/config', {}, 404, 'not_found'],
    ['the metrics', '/metrics', {}, 404, 'not_found'],
    ['the error page itself', '/nginx-problem', {}, 404, 'not_found'],
    ['another file', '/index.html', { headers: { 'if-match': '"x"' } }, 412, 'precondition_failed'],
    ['posting to a page', '/', { method: 'POST', body: '' }, 405, 'method_not_allowed'],
    ['TRACE', '/api/v1/about', { method: 'TRACE' }, 405, 'method_not_allowed'],
    ['an endless address', `/${'a'.repeat(17_000)}`, {}, 414, 'malformed'],
    ['an endless header', '/', { headers: { 'x-long': 'a'.repeat(17_000) } }, 431, 'headers_too_large'],
  ])('answers %s with a problem in the shape of the API', async (_what, path, init, status, code) => {
    expectProblem(await ask(web, path, init), status, code);
  });

  const POST = 'POST /api/v1/auth/login HTTP/1.1\r\nHost: plinth\r\n';
  test.each([
    [
      'a length and chunks at once',
      `${POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n`,
    ],
    ['two lengths', `${POST}Content-Length: 0\r\nContent-Length: 30\r\n\r\n`],
    ['a length that is none', `${POST}Content-Length: +4\r\n\r\nabcd`],
    ['no host', 'GET /api/v1/about HTTP/1.1\r\n\r\n'],
    ['no HTTP', 'GET\x01/ HTTP/1.1\r\nHost: plinth\r\n\r\n'],
  ])('refuses a request with %s, and hangs up (ASVS 4.2.1)', async (_what, text) => {
    expectProblem(await sendRaw(web, text), 400, 'malformed');
  });

  test('answers an unknown transfer encoding and an unknown version with their own status', async () => {
    const encoded = await sendRaw(
      web,
      'POST /api/v1/auth/login HTTP/1.1\r\nHost: plinth\r\nConnection: close\r\nTransfer-Encoding: br\r\n\r\n',
    );
    expectProblem(encoded, 501, 'not_implemented');
    expectProblem(
      await sendRaw(web, 'GET / HTTP/3.0\r\nHost: plinth\r\n\r\n'),
      505,
      'http_version_not_supported',
    );
  });

  test('gives a request of HTTP/1.0, which may come without a Host, one for the API', async () => {
    const reply = await sendRaw(web, 'GET /api/v1/about HTTP/1.0\r\n\r\n');
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.text)).toMatchObject({ host: 'localhost' });
  });

  test('passes an upgrade on to WebSocket and for the socket path alone', async () => {
    const upgradeOf = async (path: string, upgrade: string) => {
      const headers = { connection: 'Upgrade', upgrade };
      return JSON.parse((await ask(web, path, { headers })).text).upgrade;
    };
    expect(await upgradeOf('/socket.io/?EIO=4', 'WebSocket')).toBe('websocket');
    expect(await upgradeOf('/socket.io/?EIO=4', 'h2c')).toBeUndefined();
    expect(await upgradeOf('/api/v1/about', 'websocket')).toBeUndefined();
    expect(await upgradeOf('/healthz', 'x')).toBeUndefined();
  });

  test('answers with 503 and when to try again while the API is down, and still has the page', async () => {
    const reply = await ask(lonely, '/api/v1/about', { headers: { 'x-request-id': 'order-2026.11' } });
    expectProblem(reply, 503, 'unavailable');
    expect(JSON.parse(reply.text)).toMatchObject({ retryAfter: 5, requestId: 'order-2026.11' });
    expect(reply.headers).toMatchObject({ 'retry-after': '5', 'cache-control': 'no-store' });
    expect(await ask(lonely, '/')).toMatchObject({ status: 200, text: PAGE });
  });

  describe('in front of two instances', () => {
    let instances: Server[];
    let front: Front;
    beforeAll(async () => {
      instances = ['first', 'second'].map((name) =>
        createServer((req, res) => (req.url === '/api/cut' ? req.socket.destroy() : res.end(name))),
      );
      await Promise.all(instances.map((server) => once(server.listen(0, '127.0.0.1'), 'listening')));
      front = await startFront(instances.map((server) => (server.address() as AddressInfo).port));
    });
    afterAll(async () => {
      await front?.close();
      for (const server of instances) server.close();
    });

    test('sends everything of one socket client to the same one, and different clients to both', async () => {
      const used = new Set<string>();
      for (let client = 0; client < 20; client += 1) {
        const answers = new Set<string>();
        for (let poll = 0; poll < 5; poll += 1)
          answers.add(
            (await ask(front, `/socket.io/?EIO=4&transport=polling&client=c${client}&t=${poll}`)).text,
          );
        expect(answers.size).toBe(1);
        for (const name of answers) used.add(name);
      }
      expect([...used].sort()).toEqual(['first', 'second']);
    });

    test('keeps a client that does not name itself at one of them, too', async () => {
      const polls = Array.from({ length: 10 }, () => ask(front, '/socket.io/?EIO=4&transport=polling'));
      expect(new Set((await Promise.all(polls)).map(({ text }) => text)).size).toBe(1);
    });

    test('takes none of them out because of requests that a client makes fail', async () => {
      for (let failure = 0; failure < 10; failure += 1)
        expect((await ask(front, '/api/cut', { method: 'POST', body: 'x' })).status).toBe(503);
      const replies = await Promise.all(Array.from({ length: 20 }, () => ask(front, '/api/v1/about')));
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
      expect(new Set(replies.map(({ text }) => text)).size).toBe(2);
    });
  });
});
