import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Problem } from '@plinth/contracts';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { ask, connectTo, parseReplies } from '../testing/raw-http.ts';
import { until } from '../testing/until.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ env: { REQUEST_TIMEOUT_SECONDS: '1' } });
});
afterAll(() => app.close());

const WHOLE = 'GET /healthz HTTP/1.1\r\nHost: plinth\r\n\r\n';
const HEAD = 'POST /api/v1/auth/login HTTP/1.1\r\nHost: plinth\r\nContent-Type: application/json\r\n';

/**
 * Node looks for late requests every 30 s unless told otherwise; `until` gives up long before that, so these tests
 * fail when the limit acts at Node's pace.
 */
describe.each([
  ['on a new connection', false],
  ['on a connection that was kept alive', true],
] as const)('a request that does not arrive in time, %s', (_where, keptAlive) => {
  test.each([
    ['stops in its first line', 'GET /heal'],
    ['stops in its headers', `${HEAD}X-Slow: `],
    ['has no body although it announces one', `${HEAD}Content-Length: 20\r\n\r\n`],
    ['stops in its body', `${HEAD}Content-Length: 20\r\n\r\n{"email"`],
    ['stops between its chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n4\r\n{"em\r\n`],
  ])('%s: 408 as a problem, and the connection ends', async (_what, bytes) => {
    const socket = await connectTo(app.url);
    if (keptAlive) await ask(socket, WHOLE, 'alive');
    let received = '';
    let ended = false;
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.once('close', () => {
      ended = true;
    });
    socket.write(bytes);
    await until(() => ended);
    const [reply] = parseReplies(received);
    expect(reply).toMatchObject({
      status: 408,
      headers: { 'content-type': expect.stringMatching(/^application\/problem\+json/), connection: 'close' },
    });
    expect(Problem.parse(JSON.parse(reply?.body ?? ''))).toMatchObject({
      code: 'request_timeout',
      requestId: reply?.headers['x-request-id'],
    });
  });

  test('drips in byte by byte: it is over all the same', async () => {
    const socket = await connectTo(app.url);
    if (keptAlive) await ask(socket, WHOLE, 'alive');
    let ended = false;
    socket.on('error', () => {});
    socket.once('close', () => {
      ended = true;
    });
    socket.resume();
    socket.write(`${HEAD}X-Slow: `);
    const drip = setInterval(() => socket.write('x'), 100);
    try {
      await until(() => ended);
    } finally {
      clearInterval(drip);
    }
  });
});

test('a connection that waits for its next request is not cut by the limit of a request', async () => {
  const socket = await connectTo(app.url);
  await ask(socket, WHOLE, 'alive');
  // Another request is late meanwhile, so the limit has acted when this one is used again.
  const late = await connectTo(app.url);
  let over = false;
  late.resume();
  late.once('close', () => {
    over = true;
  });
  late.write('GET /heal');
  await until(() => over);
  expect(await ask(socket, WHOLE, 'alive')).toContain('200 OK');
  socket.destroy();
});
