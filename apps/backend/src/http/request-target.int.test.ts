import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Problem } from '@plinth/contracts';
import express from 'express';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { exchange, type RawReply } from '../testing/raw-http.ts';
import { createHttpServer } from './http-server.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const ask = async (
  target: string,
  { method = 'GET', url = app.url, headers = '' } = {},
): Promise<RawReply> => {
  const bytes = `${method} ${target} HTTP/1.1\r\nHost: localhost\r\n${headers}Connection: close\r\n\r\n`;
  const [reply] = await exchange(url, bytes);
  if (!reply) throw new Error('no reply');
  return reply;
};

const problemIn = ({ status, headers, body }: RawReply) => {
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(headers).toMatchObject({
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ratelimit: expect.stringMatching(/^"general"; r=\d+/),
  });
  const problem = Problem.parse(JSON.parse(body));
  expect(problem).toMatchObject({ status, requestId: headers['x-request-id'] });
  return problem;
};

describe('the target of a request', () => {
  test.each([
    ...[
      'http://[/',
      'http://[/api/v1/about',
      'https://[::1/healthz',
      'http://a:99999/api/v1/about',
      'http://',
    ],
    ...['http://user@localhost/api/v1/about', 'http://user:password@localhost/', 'http://localhost/#x'],
    ...[
      'http://localhost/\\x',
      'ftp://localhost/healthz',
      'file://localhost/etc/passwd',
      'javascript://%0aalert(1)',
    ],
    ...['*', '*/healthz', '/\\evil.example', '/healthz#x', '/healthz\\', '/?x#y'],
  ])('%j that is none of ours is a problem, and counted', async (target) => {
    const problem = problemIn(await ask(target));
    expect(problem).toMatchObject({ status: 400, code: 'malformed' });
    expect(problem.detail).toMatch(/begins with "\/"/);
  });

  test.each([
    ...[
      'javascript:alert(1)',
      'data:text/html,x',
      '?x=1',
      '../etc/passwd',
      'localhost:4000',
      '[::1]:4000',
      '/h\u00e4lthz',
      '/healthz?q=\u00e4',
    ],
    ...[
      '\\\\evil.example',
      'http:///healthz',
      'http:/healthz',
      'http://a b/',
      'http://localhost\\@evil.example/',
    ],
  ])('%j that already the parser refuses is a problem', async (target) => {
    const { status, headers, body } = await ask(target);
    expect([status, headers['content-type']]).toEqual([400, 'application/problem+json; charset=utf-8']);
    expect(JSON.parse(body)).toMatchObject({ code: 'malformed', requestId: headers['x-request-id'] });
  });

  test.each(['POST', 'HEAD', 'DELETE', 'OPTIONS', 'FOO'])('is looked at for %s, too', async (method) => {
    const { status, headers } = await ask('http://[/', { method });
    expect([status, headers['content-type']]).toEqual([400, 'application/problem+json; charset=utf-8']);
  });

  test.each([
    '//evil.example',
    '//',
    '///x',
    '//[',
    '//healthz',
    '/%5C%5Cevil.example',
    '/%2f%2fevil.example',
  ])('%s is not found', async (target) => {
    expect(problemIn(await ask(target))).toMatchObject({ status: 404, code: 'not_found' });
  });

  test.each(['/%', '/api/v1/orgs/%E0%A4%A', '/api/v1/orgs/%zz/members', '/%c0%ae/'])(
    '%s: what cannot be decoded is a problem',
    async (target) => {
      expect([400, 404]).toContain(problemIn(await ask(target)).status);
    },
  );

  test('as a whole URL means its path and its host', async () => {
    for (const target of [
      'http://localhost/healthz',
      'HTTP://[::1]:4000/healthz',
      'https://example.com/healthz',
    ])
      expect([target, (await ask(target)).status]).toEqual([target, 200]);
    expect(problemIn(await ask('http://localhost?x=1')).instance).toBe('/');
    const headers = 'Origin: http://elsewhere.example\r\n';
    const allowed = async (target: string) =>
      (await ask(target, { headers })).headers['access-control-allow-origin'];
    expect(await allowed('http://elsewhere.example/api/v1/about')).toBe('http://elsewhere.example');
    expect(await allowed('http://localhost/api/v1/about')).toBeUndefined();
  });

  test('may be everything, for OPTIONS', async () => {
    expect((await ask('*', { method: 'OPTIONS' })).status).toBe(204);
  });
});

test('a fault of the error handler itself, or nobody who answers, is a problem and no page of Express', async () => {
  const silent = express();
  const broken = express().use(() => {
    throw new Error('the error handler is broken');
  });
  for (const [name, instance] of Object.entries({ silent, broken })) {
    const server = createHttpServer(instance, {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    try {
      const { status, headers, body } = await ask('/', { url: `http://127.0.0.1:${port}` });
      expect([name, status, headers['content-type']]).toEqual([
        name,
        500,
        'application/problem+json; charset=utf-8',
      ]);
      expect(JSON.parse(body)).toMatchObject({ code: 'internal', requestId: headers['x-request-id'] });
      expect(body).not.toContain('broken');
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  }
});
