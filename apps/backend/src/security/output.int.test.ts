import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { io } from 'socket.io-client';
import { createAuditTrail } from '../modules/audit/audit.repository.ts';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { type Person, signUp } from '../testing/factories.ts';
import { connectTo, parseReplies } from '../testing/raw-http.ts';
import { until } from '../testing/until.ts';

/** What one request may cause in an answer with its headers, and in the log. */
const MAX_ANSWER = 8 * 1024;
const MAX_LOGGED = 10 * 1024;

const BIG = 'x'.repeat(100_000);
/** The longest that still passes as a header or address. */
const FITS = 'y'.repeat(15_000);

let app: TestApp;
let person: Person;

beforeAll(async () => {
  app = await createTestApp({ env: { LOG_LEVEL: 'debug', TRUST_PROXY: '1' } });
  person = await signUp(app);
});
afterAll(() => app.close());

/** How much was logged since; a line is written before its answer ends, or just after. */
async function logged(from: number): Promise<number> {
  await until(() => app.logLines.length > from);
  return app.logLines.slice(from).join('').length;
}

/** The replies, also of a server that hangs up before it has read everything. */
async function exchange(bytes: string) {
  const socket = await connectTo(app.url);
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  socket.on('error', () => {});
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.write(bytes);
  await ended;
  return parseReplies(received);
}

const request = (line: string, headers: Readonly<Record<string, string>> = {}, body = '') =>
  [
    `${line} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...Object.entries({
      Authorization: `Bearer ${person.accessToken}`,
      ...(body && { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ].join('\r\n');

const HEADERS = [
  'X-Request-ID',
  'User-Agent',
  'Authorization',
  'Cookie',
  'Origin',
  'Referer',
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'Content-Disposition',
  'Accept',
  'Accept-Encoding',
  'If-None-Match',
  'Traceparent',
  'Baggage',
  'X-CSRF-Token',
] as const;
const NAMES = ['field', '__proto__'] as const;
const orgs = '/api/v1/orgs';

describe('an answer and its log stay small, whatever is large in the request', () => {
  const cases: [string, () => string][] = [
    ['the path', () => request(`GET /${FITS}`)],
    ['the path, beyond all limits', () => request(`GET /${BIG}`)],
    ['a path parameter', () => request(`GET ${orgs}/${FITS}/channels`)],
    ['the query', () => request(`GET ${orgs}?${FITS}=${FITS.slice(0, 100)}`)],
    ['a value of the query', () => request(`GET ${orgs}?limit=${FITS}`)],
    ['a cursor', () => request(`GET ${orgs}?cursor=${FITS}`)],
    ['the number of query fields', () => request(`GET ${orgs}?${'a=1&'.repeat(3500)}`)],
    ['the query, beyond all limits', () => request(`GET ${orgs}?limit=${BIG}`)],
    ['the method', () => request(`${FITS.toUpperCase()} ${orgs}`)],
    ...HEADERS.map((name): [string, () => string] => [
      `the header ${name}`,
      () => request(`GET ${orgs}/${crypto.randomUUID()}`, { [name]: FITS }),
    ]),
    ['a header, beyond all limits', () => request(`GET ${orgs}`, { Cookie: `refresh=${BIG}` })],
    ["a header's name", () => request(`GET ${orgs}/none`, { [FITS]: '1' })],
    ['the media type', () => request(`POST ${orgs}`, { 'Content-Type': `application/${FITS}` }, '{}')],
    [
      'the charset',
      () => request(`POST ${orgs}`, { 'Content-Type': `application/json; charset=${FITS}` }, '{}'),
    ],
    ['the body', () => request(`POST ${orgs}`, {}, JSON.stringify({ name: BIG.repeat(2) }))],
    ['broken JSON', () => request(`POST ${orgs}`, {}, `{"name":"${BIG.slice(9000)}`)],
    ['a value of the body', () => request(`POST ${orgs}`, {}, JSON.stringify({ name: BIG.slice(9000) }))],
    ...NAMES.map((name): [string, () => string] => [
      `a field of the body (${name})`,
      () => request(`POST ${orgs}`, {}, `{"${name}${BIG.slice(9000)}":1}`),
    ]),
    [
      'the number of unknown fields',
      () =>
        request(
          `POST ${orgs}`,
          {},
          JSON.stringify(Object.fromEntries(Array.from({ length: 7000 }, (_, n) => [`field${n}`, n]))),
        ),
    ],
    ['a list instead of a text', () => request(`POST ${orgs}`, {}, `{"name":[${'1,'.repeat(40_000)}1]}`)],
    ['the depth', () => request(`POST ${orgs}`, {}, `{"name":${'['.repeat(40_000)}${']'.repeat(40_000)}}`)],
    [
      'the address at sign-in',
      () => request('POST /api/v1/auth/login', {}, JSON.stringify({ email: BIG.slice(9000), password: 'p' })),
    ],
    [
      'the password at sign-in',
      () =>
        request(
          'POST /api/v1/auth/login',
          {},
          JSON.stringify({ email: 'a@example.com', password: BIG.slice(9000) }),
        ),
    ],
    [
      'the refresh token',
      () => request('POST /api/v1/auth/refresh', {}, JSON.stringify({ refreshToken: BIG.slice(9000) })),
    ],
    ['the socket handshake', () => request(`GET /socket.io/?EIO=4&transport=polling&sid=${FITS}`)],
    ['the transport of a socket', () => request(`GET /socket.io/?EIO=4&transport=${FITS}`)],
  ];

  test.each(cases)('%s', async (_what, make) => {
    const from = app.logLines.length;
    const [reply] = await exchange(make());
    expect([200, 400, 401, 403, 404, 405, 413, 415, 431]).toContain(reply?.status);
    expect(JSON.stringify(reply).length).toBeLessThan(MAX_ANSWER);
    expect(app.logLines.slice(from).join('').length).toBeLessThan(MAX_LOGGED);
  });
});

describe('the answer to a socket and its log stay small, whatever is large in', () => {
  const small = { orgId: crypto.randomUUID(), channelId: crypto.randomUUID() };
  test.each<[string, string, unknown[]]>([
    ['the name of an event', BIG, [{}]],
    ['a value', 'channel:join', [{ ...small, channelId: BIG.slice(0, 60_000) }]],
    ['a payload beyond the limit', 'channel:join', [{ ...small, channelId: BIG }]],
    ['a field', 'channel:join', [{ ...small, [BIG.slice(0, 60_000)]: 1 }]],
    [
      'the number of fields',
      'channel:join',
      [Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`f${n}`, n]))],
    ],
    ['the number of payloads', 'channel:join', Array.from({ length: 5000 }, () => 'x')],
  ])('%s', async (_what, event, payloads) => {
    const socket = io(app.url, {
      transports: ['websocket'],
      auth: { token: person.accessToken },
      forceNew: true,
    });
    try {
      await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
      const from = app.logLines.length;
      const answer = await socket.timeout(10_000).emitWithAck(event, ...payloads);
      expect(answer).toMatchObject({ ok: false });
      expect(JSON.stringify(answer).length).toBeLessThan(MAX_ANSWER);
      expect(app.logLines.slice(from).join('').length).toBeLessThan(MAX_LOGGED);
    } finally {
      socket.close();
    }
  });

  const present = (token: string) =>
    io(app.url, { transports: ['websocket'], auth: { token }, forceNew: true, reconnection: false });

  test('the token', async () => {
    const from = app.logLines.length;
    const socket = present('t'.repeat(10_000));
    const error = await new Promise<Error & { data?: unknown }>((resolve) =>
      socket.once('connect_error', resolve),
    );
    socket.close();
    expect(error.data).toMatchObject({ status: 401 });
    expect(JSON.stringify(error.data).length).toBeLessThan(MAX_ANSWER);
    expect(await logged(from)).toBeLessThan(MAX_LOGGED);
  });

  test('a token beyond what a connection may send before it is known', async () => {
    const from = app.logLines.length;
    const socket = present(BIG);
    const reason = await new Promise((resolve) => socket.io.once('close', resolve));
    socket.close();
    expect(reason).toBe('transport close');
    expect(await logged(from)).toBeLessThan(MAX_LOGGED);
    expect(app.logLines.slice(from).join('')).toContain('it sent too much');
  });
});

test('the details of an audit entry are cut, with a mark, when somebody makes them long', async () => {
  const { database } = app.platform;
  const request = { actor: { type: 'system' as const, name: 'test' }, requestId: 'long-details' };
  await database.sqlTransaction((sql) =>
    createAuditTrail().append(sql, request, {
      action: 'test.happened',
      targetType: 'test',
      targetId: null,
      details: { first: 'kept', list: Array.from({ length: 1000 }, () => BIG) },
    }),
  );
  const [entry] = await database.query<{ details: object; size: number }>(
    "SELECT details, length(details::text) AS size FROM audit_entries WHERE request_id = 'long-details'",
  );
  expect(entry?.details).toMatchObject({ first: 'kept', cutFrom: expect.any(Number) });
  expect(entry?.size).toBeLessThan(6000);
});
