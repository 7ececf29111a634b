import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { problemOf, send } from '../testing/http.ts';
import { connectTo } from '../testing/raw-http.ts';
import { clientAddress } from './client-address.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ env: { TRUST_PROXY: '1', RATE_LIMIT_AUTH: '20/minute' } });
});
afterAll(() => app.close());

const post = (path: string, forwarded: string, json: unknown) =>
  send(`${app.url}${path}`, { headers: { 'x-forwarded-for': forwarded }, json });

test('behind a trusted proxy no spelling of an address makes sign-up or sign-in fail', async () => {
  const spellings = [
    'fe80::1%eth0',
    '[fe80::1%25eth0]:80',
    '203.0.113.7:51234',
    'unknown',
    '[::ffff:1.2.3.4]',
    'x'.repeat(4000),
  ];
  for (const [index, forwarded] of spellings.entries()) {
    const account = { email: `spelling-${index}@example.com`, password: 'correct horse battery staple' };
    const signedUp = await post('/api/v1/auth/sign-up', forwarded, {
      ...account,
      name: 'Ada',
      organizationName: 'Hers',
    });
    expect([forwarded, signedUp.status]).toEqual([forwarded, 201]);
    expect([forwarded, (await post('/api/v1/auth/login', forwarded, account)).status]).toEqual([
      forwarded,
      200,
    ]);
  }
});

test('behind a trusted proxy no port, zone, bracket or spelling gives a client a budget of its own', async () => {
  const guess = { email: 'nobody@example.com', password: 'wrong' };
  const spellings = [
    ...Array.from({ length: 20 }, (_, port) => `198.51.100.9:${port + 1000}`),
    '::ffff:198.51.100.9',
    '[::ffff:c633:6409]:1',
    '198.51.100.9',
  ];
  const statuses: number[] = [];
  for (const forwarded of spellings)
    statuses.push((await post('/api/v1/auth/login', forwarded, guess)).status);
  expect(statuses.slice(-3)).toEqual([429, 429, 429]);
  problemOf(await post('/api/v1/auth/login', '198.51.100.9:9', guess));
});

test('without a trusted proxy the header is ignored, and that is said once', async () => {
  const alone = await createTestApp();
  try {
    for (const forwarded of ['203.0.113.7', '203.0.113.8'])
      await send(`${alone.url}/healthz`, { headers: { 'x-forwarded-for': forwarded } });
    expect(alone.logLines.filter((line) => line.includes('TRUST_PROXY'))).toHaveLength(1);
  } finally {
    await alone.close();
  }
});

test('a connection keeps its address when its client has hung up: nobody is counted or logged as 0.0.0.0', async () => {
  const arrived = once(app.httpServer, 'connection') as Promise<[Socket]>;
  const client = await connectTo(app.url);
  const [socket] = await arrived;
  const gone = new Promise((resolve) => socket.once('close', resolve));
  client.resetAndDestroy();
  await gone;
  const request = { socket, headers: {} } as IncomingMessage;
  expect(clientAddress(request, () => false)).toBe('127.0.0.1');
});
