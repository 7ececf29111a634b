import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { type Person, signUp } from '../testing/factories.ts';
import { problemOf, send } from '../testing/http.ts';
import { ask, connectTo, exchange } from '../testing/raw-http.ts';

const LIMIT = 2048;
let app: TestApp;
let person: Person;
beforeAll(async () => {
  app = await createTestApp({ env: { BODY_LIMIT_BYTES: String(LIMIT) } });
  person = await signUp(app);
});
afterAll(() => app.close());

const JSON_TYPE = 'application/json';
const post = (path: string, body: RequestInit['body'], headers: Record<string, string> = {}) =>
  send(`${app.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': JSON_TYPE, ...headers },
    body: body ?? null,
  });
const signedIn = () => ({ authorization: `Bearer ${person.accessToken}` });

/** Whatever may be wrong with a body. */
const BODIES: [string, string, Record<string, string>][] = [
  ['broken JSON', '{bad', {}],
  ['too large a body', JSON.stringify({ name: 'x'.repeat(200_000) }), {}],
  ['another type', 'name=x', { 'content-type': 'text/plain' }],
  ['another charset', '{}', { 'content-type': 'application/json; charset=utf-16' }],
  ['an unknown encoding', '{}', { 'content-encoding': 'pigeon' }],
  ['a broken encoding', '{}', { 'content-encoding': 'gzip' }],
  ['no object', 'null', {}],
  ['unknown fields', '{"admin":true}', {}],
];

describe('who may not ask learns nothing about the body', () => {
  test.each(BODIES)('%s without a token: 401', async (_what, body, headers) => {
    expect(problemOf(await post('/api/v1/orgs', body, headers)).code).toBe('unauthenticated');
    expect(problemOf(await post('/api/v1/orgs/not-an-id/channels', body, headers)).code).toBe(
      'unauthenticated',
    );
  });

  test.each(BODIES)('%s for a foreign organisation: 404', async (_what, body, headers) => {
    const path = '/api/v1/orgs/0198a1b2-0000-7000-8000-00000000abcd/channels';
    expect(problemOf(await post(path, body, { ...headers, ...signedIn() })).code).toBe('not_found');
  });

  test('the refusal does not wait for the body, and nobody is asked to send it', async () => {
    const head = 'POST /api/v1/orgs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    const waiting = await connectTo(app.url);
    expect(await ask(waiting, `${head}Content-Length: 200000\r\n\r\n`, '\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 401 /,
    );
    waiting.destroy();
    const asking = await connectTo(app.url);
    expect(
      await ask(asking, `${head}Content-Length: 200\r\nExpect: 100-continue\r\n\r\n`, '\r\n\r\n'),
    ).toMatch(/^HTTP\/1\.1 401 /);
    asking.destroy();
  });

  test('who may ask and asks first is told to send', async () => {
    const head = `POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    const socket = await connectTo(app.url);
    const go = await ask(socket, `${head}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n`, '\r\n\r\n');
    expect(go).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect(await ask(socket, '{}', '\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
  });

  test('a refused body is not read without end: the connection is closed', async () => {
    const socket = await connectTo(app.url);
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(
      'POST /api/v1/orgs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    socket.resume();
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    let sent = 0;
    const more = () => {
      while (!socket.destroyed && socket.write(chunk)) sent += chunk.length;
      if (!socket.destroyed) socket.once('drain', more);
    };
    more();
    await closed;
    expect(sent).toBeGreaterThan(0);
  });
});

describe('a body that may be read', () => {
  const named = (name: string) => JSON.stringify({ name });
  test.each<[string, string | Uint8Array<ArrayBuffer>, Record<string, string>]>([
    ['with charset=utf-8', named('Größe'), { 'content-type': 'application/json; charset=utf-8' }],
    ['with charset=utf8', named('Größe'), { 'content-type': 'application/json;charset=utf8' }],
    ['with charset="UTF-8"', named('Größe'), { 'content-type': 'application/json; charset="UTF-8"' }],
    ['with a suffix', named('Größe'), { 'content-type': 'application/vnd.plinth+json' }],
    ['compressed', new Uint8Array(gzipSync(named('Größe'))), { 'content-encoding': 'gzip' }],
  ])('%s is read', async (_what, body, headers) => {
    const reply = await post('/api/v1/orgs', body, { ...headers, ...signedIn() });
    expect([reply.status, reply.json()]).toEqual([201, expect.objectContaining({ name: 'Größe' })]);
  });

  test.each(['null', '"x"', '1', 'true', '[]', '[{"name":"x"}]'])(
    '%s is JSON, but no object',
    async (body) => {
      const problem = problemOf(await post('/api/v1/orgs', body, signedIn()));
      expect(problem).toMatchObject({
        status: 400,
        code: 'invalid_input',
        errors: [{ in: 'body', field: '', message: 'Must be an object' }],
      });
    },
  );

  test.each<[string, string | Uint8Array<ArrayBuffer>, Record<string, string>, number, string]>([
    ['broken JSON', '{bad', {}, 400, 'malformed'],
    ['broken UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]), {}, 400, 'malformed'],
    [
      'a type that only begins like JSON',
      '{"name":"x"}',
      { 'content-type': 'application/json-foo' },
      415,
      'unsupported_media_type',
    ],
    [
      'a list of types',
      '{"name":"x"}',
      { 'content-type': 'application/json, text/plain' },
      415,
      'unsupported_media_type',
    ],
    [
      'another charset',
      '{"name":"x"}',
      { 'content-type': 'application/json; charset=latin1' },
      415,
      'unsupported_media_type',
    ],
    [
      'an unknown encoding',
      '{"name":"x"}',
      { 'content-encoding': 'constructor' },
      415,
      'unsupported_media_type',
    ],
    ['a broken encoding', '{"name":"x"}', { 'content-encoding': 'gzip' }, 400, 'malformed'],
    [
      'a small body that becomes large',
      new Uint8Array(gzipSync('x'.repeat(1_000_000))),
      { 'content-encoding': 'gzip' },
      413,
      'payload_too_large',
    ],
    ['too large a body', named('x'.repeat(LIMIT)), {}, 413, 'payload_too_large'],
  ])('%s is refused', async (_what, body, headers, status, code) => {
    expect(problemOf(await post('/api/v1/orgs', body, { ...headers, ...signedIn() }))).toMatchObject({
      status,
      code,
    });
  });

  test('too large in chunks is refused before its end', async () => {
    const socket = await connectTo(app.url);
    socket.on('error', () => {});
    const head = `POST /api/v1/orgs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${person.accessToken}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const answer = await ask(socket, `${head}1000\r\n${'x'.repeat(0x1000)}\r\n`, '\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });
});

describe('an address in another spelling is another address', () => {
  test.each(['//api/v1/about', '/API/V1/ABOUT', '/api//v1/about', '/%61pi/v1/about', '/api/V1/about'])(
    '%s is not found',
    async (path) => {
      const [reply] = await exchange(app.url, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(reply).toMatchObject({
        status: 404,
        headers: { 'content-type': expect.stringMatching(/^application\/problem/) },
      });
    },
  );
});
