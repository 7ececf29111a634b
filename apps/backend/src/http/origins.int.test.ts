import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { send } from '../testing/http.ts';

let app: TestApp;
let proxied: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  proxied = await createTestApp({ env: { TRUST_PROXY: '1' } });
});
afterAll(async () => {
  await app?.close();
  await proxied?.close();
});

type Headers = Record<string, string>;

/** `fetch` neither sets Host nor Origin; this sends exactly what it is told. */
const ask = (to: TestApp, path: string, headers: Headers) =>
  new Promise<{ status: number; allowed: string | undefined; vary: string | undefined }>(
    (resolve, reject) => {
      const req = request(`${to.url}${path}`, { headers, agent: false }, (res) => {
        res.resume();
        const { 'access-control-allow-origin': allowed, vary } = res.headers;
        resolve({ status: res.statusCode ?? 0, allowed, vary });
      });
      req.on('upgrade', (res, socket) => {
        socket.destroy();
        resolve({ status: res.statusCode ?? 0, allowed: undefined, vary: undefined });
      });
      req.on('error', reject).end();
    },
  );

const polling = async (headers: Headers, to = app) =>
  (await ask(to, '/socket.io/?EIO=4&transport=polling', headers)).status;
const webSocket = async (headers: Headers, to = app) => {
  const handshake = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  return (await ask(to, '/socket.io/?EIO=4&transport=websocket', { ...handshake, ...headers })).status;
};
const rest = async (headers: Headers, to = app) => (await ask(to, '/api/v1/about', headers)).allowed;

/** What a browser sends from a page at `origin` to `host`; asked at an app that trusts one proxy when `proxy` is set. */
const FROM: readonly (readonly [string, Headers, { allowed: boolean; proxy?: true }])[] = [
  ['the configured origin', { host: 'localhost:4000', origin: 'http://localhost:3000' }, { allowed: true }],
  [
    'the address by its number',
    { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000' },
    { allowed: true },
  ],
  ['IPv6', { host: '[::1]:3000', origin: 'http://[::1]:3000' }, { allowed: true }],
  ['another name of this machine', { host: 'PLINTH.test', origin: 'http://plinth.test' }, { allowed: true }],
  ['the default port', { host: 'plinth.test:80', origin: 'http://plinth.test' }, { allowed: true }],
  ['another site', { host: '127.0.0.1:3000', origin: 'https://evil.example' }, { allowed: false }],
  ['another port', { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3001' }, { allowed: false }],
  ['another scheme', { host: '127.0.0.1:3000', origin: 'https://127.0.0.1:3000' }, { allowed: false }],
  [
    'a name that only begins alike',
    { host: 'plinth.test', origin: 'http://plinth.test.evil.example' },
    { allowed: false },
  ],
  ['a sandbox', { host: '127.0.0.1:3000', origin: 'null' }, { allowed: false }],
  ['nothing', { host: '127.0.0.1:3000', origin: '' }, { allowed: false }],
  [
    'another site that claims a forwarded host',
    {
      host: '127.0.0.1:3000',
      origin: 'https://evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
    },
    { allowed: false },
  ],
  [
    'the public address behind a trusted proxy with TLS',
    { host: 'chat.example', origin: 'https://chat.example', 'x-forwarded-proto': 'https' },
    { allowed: true, proxy: true },
  ],
  [
    'the public address behind a trusted proxy that changes the host',
    {
      host: '10.0.0.7:4000',
      origin: 'https://chat.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'chat.example',
    },
    { allowed: true, proxy: true },
  ],
  [
    'plain http behind a trusted proxy with TLS',
    { host: 'chat.example', origin: 'http://chat.example', 'x-forwarded-proto': 'https' },
    { allowed: false, proxy: true },
  ],
];

describe('a page of', () => {
  test.each(FROM)(
    '%s is treated alike over WebSocket, polling and REST',
    async (_, headers, { allowed, proxy }) => {
      const to = proxy ? proxied : app;
      expect({
        webSocket: (await webSocket(headers, to)) === 101,
        polling: (await polling(headers, to)) === 200,
        rest: (await rest(headers, to)) === headers.origin,
      }).toEqual({ webSocket: allowed, polling: allowed, rest: allowed });
    },
  );
});

describe('a request without Origin', () => {
  const host = { host: 'localhost:4000' };

  test('is one of no browser when nothing says otherwise', async () => {
    expect([await webSocket(host), await polling(host)]).toEqual([101, 200]);
  });

  test.each([
    ['same-origin', 200],
    ['none', 200],
    ['same-site', 403],
    ['cross-site', 403],
  ])('that a browser calls %s is answered with %d', async (site, status) => {
    expect(await polling({ ...host, 'sec-fetch-site': site })).toBe(status);
    expect((await webSocket({ ...host, 'sec-fetch-site': site })) === 101).toBe(status === 200);
  });
});

describe('a preflight', () => {
  const preflight = (origin: string, names: string) =>
    send(`${app.url}/api/v1/orgs`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': names,
      },
    });
  const told = ({ headers }: Awaited<ReturnType<typeof preflight>>) =>
    [...headers.keys()].filter((name) => name.startsWith('access-control-'));

  test('of another site learns nothing, and hears nothing of what it asked', async () => {
    for (const names of ['authorization', 'x'.repeat(9000)])
      expect(told(await preflight('https://evil.example', names))).toEqual([]);
  });

  test('of our own page is told the names that the API knows, whatever it asked for', async () => {
    for (const names of ['authorization,content-type', 'x'.repeat(9000)]) {
      const { headers } = await preflight('http://localhost:3000', names);
      expect(headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
      const allowed = headers.get('access-control-allow-headers')?.toLowerCase().split(',') ?? [];
      expect(allowed).toEqual(expect.arrayContaining(['authorization', 'content-type', 'x-csrf-token']));
      expect(allowed.join().length).toBeLessThan(200);
    }
  });
});

test('caches are told that the answer depends on the origin, also when it is refused', async () => {
  for (const origin of ['http://localhost:3000', 'https://evil.example']) {
    expect((await ask(app, '/api/v1/about', { origin })).vary).toMatch(/\bOrigin\b/);
  }
});
