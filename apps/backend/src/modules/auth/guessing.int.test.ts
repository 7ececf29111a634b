import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort, type RedisServer, startRedis } from '@plinth/dev-services';
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts';
import { signUp, TEST_PASSWORD } from '../../testing/factories.ts';
import { cookiesOf, problemOf, send } from '../../testing/http.ts';
import { until } from '../../testing/until.ts';

let redis: RedisServer;
let app: TestApp;
let another: TestApp;

beforeAll(async () => {
  redis = await startRedis({ port: await freePort() });
  const env = {
    REDIS_URL: redis.url,
    REDIS_NAMESPACE: 'guessing',
    TRUST_PROXY: '1',
    RATE_LIMIT_AUTH: '20/5 minutes',
    RATE_LIMIT_ACCOUNT: '10/15 minutes',
  };
  app = await createTestApp({ env });
  another = await createTestApp({ env, databaseUrl: app.databaseUrl });
  for (const one of [app, another])
    await until(async () => (await one.platform.redis?.commands.ping()) === 'PONG');
});
afterAll(async () => {
  await another.close();
  await app.close();
  await redis.close();
});

/** Addresses that share no network with each other. */
let hosts = 0;
const freshAddress = () => {
  hosts += 1;
  return `198.${18 + (hosts >> 8)}.${hosts & 255}.1`;
};
const login = (
  email: string,
  password: string,
  { from = freshAddress(), cookie = '', at = app }: { from?: string; cookie?: string; at?: TestApp } = {},
) =>
  send(`${at.url}/api/v1/auth/login`, {
    json: { email, password },
    headers: { 'x-forwarded-for': from, ...(cookie && { cookie }) },
  });
const newEmail = () => `somebody-${crypto.randomUUID()}@example.com`;
const person = async () => {
  const email = newEmail();
  const reply = await send(`${app.url}/api/v1/auth/sign-up`, {
    json: { email, password: TEST_PASSWORD, name: 'Ada', organizationName: 'Engines' },
    headers: { 'x-forwarded-for': freshAddress() },
  });
  expect(reply.status).toBe(201);
  const name = app.config.cookies.device;
  const device = cookiesOf(reply.headers).get(name);
  return { email, device: `${name}=${device?.value}`, attributes: device?.attributes };
};
const guess = async (email: string, times = 15) => {
  const statuses: number[] = [];
  for (let n = 0; n < times; n += 1)
    statuses.push((await login(email, `guess ${n}`, { at: n % 2 ? app : another })).status);
  return statuses;
};
const count = (statuses: readonly number[], status: number) =>
  statuses.filter((one) => one === status).length;

describe('guessing the password of one account', () => {
  test('is limited from 300 addresses and on two instances as from one, whether there is such an account or not', async () => {
    const { email } = await person();
    const there = await guess(email, 300);
    const nowhere = await guess(newEmail(), 300);
    expect(there).toEqual(nowhere);
    expect([count(there, 401), count(there, 429)]).toEqual([10, 290]);
  });

  test('is not possible by asking many times at once', async () => {
    const { email } = await person();
    const replies = await Promise.all(Array.from({ length: 60 }, () => login(email, 'wrong')));
    expect(
      count(
        replies.map(({ status }) => status),
        401,
      ),
    ).toBe(10);
  });

  test('does not lock the owner out of a device that was signed in before', async () => {
    const { email, device, attributes } = await person();
    expect(attributes).toContain('HttpOnly');
    await guess(email);
    const [stranger, owner] = [
      await login(email, TEST_PASSWORD),
      await login(email, TEST_PASSWORD, { cookie: device }),
    ];
    expect(problemOf(stranger)).toMatchObject({ status: 429, retryAfter: expect.any(Number) });
    expect(owner.status).toBe(200);
    // Nor may the device guess without end.
    const statuses = [];
    for (let n = 0; n < 12; n += 1) statuses.push((await login(email, 'wrong', { cookie: device })).status);
    expect([count(statuses, 401), count(statuses, 429)]).toEqual([10, 2]);
  });

  test("gains nothing by the cookie of another account's device, or by a changed one", async () => {
    const [victim, attacker] = [await person(), await person()];
    await guess(victim.email);
    for (const cookie of [attacker.device, victim.device.slice(0, -2), victim.device.replace('=', '=x')])
      expect((await login(victim.email, TEST_PASSWORD, { cookie })).status).toBe(429);
  });
});

describe('guessing from one network', () => {
  // A small budget: each guess that is let through costs a password hash.
  const LIMIT = 2;
  let strict: TestApp;
  beforeAll(async () => {
    strict = await createTestApp({ env: { TRUST_PROXY: '1', RATE_LIMIT_AUTH: `${LIMIT}/5 minutes` } });
  });
  afterAll(() => strict.close());

  const spray = async (address: (n: number) => string, times: number) => {
    const statuses: number[] = [];
    for (let n = 0; n < times; n += 1)
      statuses.push((await login(newEmail(), 'wrong', { from: address(n), at: strict })).status);
    return count(statuses, 401);
  };

  test('is limited by address, by neighbours, and by the wider networks of IPv6', async () => {
    expect(await spray(() => '192.0.2.9', 5)).toBe(LIMIT);
    expect(await spray((n) => `203.0.113.${n}`, 40)).toBe(LIMIT * 8);
    expect(await spray((n) => `2001:db8:0:${n.toString(16)}00::1`, 60)).toBe(LIMIT * 16);
    expect(await spray((n) => `2001:db8:7:ff${(n + 16).toString(16)}::${n}`, 20)).toBe(LIMIT * 4);
    expect(await spray((n) => `2001:db8:8:1::${n + 1}`, 5)).toBe(LIMIT);
  });

  test('costs the neighbours little: what is refused is not counted for the wider network', async () => {
    await spray(() => '203.0.112.1', 100);
    expect((await login(newEmail(), 'wrong', { from: '203.0.112.2', at: strict })).status).toBe(401);
  });

  test('a request that cannot be read is counted too', async () => {
    const from = freshAddress();
    const broken = () =>
      send(`${app.url}/api/v1/auth/login`, {
        method: 'POST',
        body: '{bad',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
      });
    const statuses = [];
    for (let n = 0; n < 22; n += 1) statuses.push((await broken()).status);
    expect([count(statuses, 400), count(statuses, 429)]).toEqual([20, 2]);
  });
});

describe('people who share an address', () => {
  test('sign in one after the other: right sign-ins take nothing from the budget of wrong ones', async () => {
    const { email } = await person();
    const from = freshAddress();
    const statuses = [];
    for (let n = 0; n < 30; n += 1) statuses.push((await login(email, TEST_PASSWORD, { from })).status);
    expect(count(statuses, 200)).toBe(30);
  });

  test('stay signed in and can sign out while others use up every anonymous budget', async () => {
    const shared = await createTestApp({
      env: {
        RATE_LIMIT_GENERAL: '50/hour',
        RATE_LIMIT_AUTH: '5/5 minutes',
        RATE_LIMIT_SESSION: '5/minute',
        RATE_LIMIT_ACCOUNT: '10/15 minutes',
      },
    });
    const post = (path: string, json: object) => send(`${shared.url}/api/v1/auth/${path}`, { json });
    try {
      const ada = await signUp(shared, 'Ada');
      for (let n = 0; n < 60; n += 1) {
        await send(`${shared.url}/api/v1/about`);
        await post('refresh', { refreshToken: `a.b.${n}` });
        await post('login', { email: newEmail(), password: 'wrong' });
        await post('sign-up', {});
      }
      expect((await send(`${shared.url}/api/v1/about`)).status).toBe(429);
      expect((await post('refresh', { refreshToken: 'a.b.c' })).status).toBe(429);
      const refreshed = await post('refresh', { refreshToken: ada.refreshToken });
      expect(refreshed.status).toBe(200);
      expect(refreshed.headers.get('ratelimit')).toMatch(/^"session"; r=4;/);
      const { refreshToken, accessToken } = refreshed.json() as { refreshToken: string; accessToken: string };
      const me = await send(`${shared.url}/api/v1/users/me`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      expect(me.status).toBe(200);
      expect((await post('logout', { refreshToken })).status).toBe(204);
    } finally {
      await shared.close();
    }
  });
});

describe('right sign-ins cost a hash as well', () => {
  let strict: TestApp;
  beforeAll(async () => {
    strict = await createTestApp({
      env: { TRUST_PROXY: '1', RATE_LIMIT_AUTH: '1/5 minutes', RATE_LIMIT_ACCOUNT: '7/15 minutes' },
    });
  });
  afterAll(() => strict.close());
  const join = async () => {
    const email = newEmail();
    const reply = await send(`${strict.url}/api/v1/auth/sign-up`, {
      json: { email, password: TEST_PASSWORD, name: 'Ada', organizationName: 'Engines' },
      headers: { 'x-forwarded-for': freshAddress() },
    });
    expect(reply.status).toBe(201);
    const { user, refreshToken } = reply.json() as { user: { id: string }; refreshToken: string };
    const name = strict.config.cookies.device;
    return {
      email,
      id: user.id,
      refreshToken,
      cookie: `${name}=${cookiesOf(reply.headers).get(name)?.value}`,
    };
  };

  test('so one account has ten times the budget of wrong ones, whatever devices and addresses it has; few of its sessions stay open and few entries are written', async () => {
    const { email, id, refreshToken } = await join();
    const other = await join();
    const statuses: number[] = [];
    let cookie = '';
    for (let n = 0; n < 80; n += 1) {
      const reply = await login(email, TEST_PASSWORD, { at: strict, cookie: n % 2 ? cookie : '' });
      statuses.push(reply.status);
      const name = strict.config.cookies.device;
      if (reply.status === 200) cookie = `${name}=${cookiesOf(reply.headers).get(name)?.value}`;
    }
    expect([count(statuses, 200), count(statuses, 429)]).toEqual([70, 10]);
    const refused = problemOf(await login(email, TEST_PASSWORD, { at: strict, cookie }));
    expect(refused).toMatchObject({ status: 429, retryAfter: expect.any(Number) });
    expect((await login(other.email, TEST_PASSWORD, { at: strict })).status).toBe(200);

    const { prisma } = strict.platform.database;
    expect(await prisma.session.count({ where: { userId: id, revokedAt: null } })).toBe(50);
    expect(await prisma.session.count({ where: { userId: id } })).toBe(71);
    const first = await send(`${strict.url}/api/v1/auth/refresh`, { json: { refreshToken } });
    expect(first.status).toBe(401);
    expect(await prisma.auditEntry.count({ where: { action: 'session.login', actorId: id } })).toBe(60);
  });

  test('so one address has a hundred times the budget of wrong ones, known devices included', async () => {
    const from = freshAddress();
    const people = await Promise.all(Array.from({ length: 4 }, join));
    const statuses: number[] = [];
    for (let n = 0; n < 120; n += 1) {
      const { email, cookie } = people[n % people.length] as (typeof people)[number];
      statuses.push((await login(email, TEST_PASSWORD, { at: strict, from, cookie })).status);
    }
    expect([count(statuses, 200), count(statuses, 429)]).toEqual([100, 20]);
    const [{ email } = { email: '' }] = people;
    expect((await login(email, TEST_PASSWORD, { at: strict })).status).toBe(200);
  });

  test('refusals are no warnings in the log', async () => {
    const { email } = await join();
    const before = strict.logLines.length;
    for (let n = 0; n < 30; n += 1) await login(email, TEST_PASSWORD, { at: strict, from: '192.0.2.77' });
    for (let n = 0; n < 10; n += 1) await login(email, 'wrong', { at: strict, from: '192.0.2.78' });
    const lines = strict.logLines.slice(before).filter((line) => line.includes('rate_limited'));
    expect(lines).toEqual([]);
  });
});

describe('a failed sign-in', () => {
  const entriesOf = (targetId: string) =>
    app.platform.database.prisma.auditEntry.findMany({
      where: { action: 'session.login_failed', targetId },
    });

  test('is in the log and in the audit trail with its account, and without address or password', async () => {
    const { email } = await person();
    const user = await app.platform.database.prisma.user.findUniqueOrThrow({ where: { email } });
    const from = freshAddress();
    await login(email, 'hunter2-secret', { from });
    const [entry] = await entriesOf(user.id);
    expect(entry).toMatchObject({ actorType: 'anonymous', targetType: 'user', details: { ip: from } });
    const line = app.logLines.find((one) => one.includes('login_failed') && one.includes(user.id));
    expect(line).toContain(from);
    expect(app.logLines.join('')).not.toContain('hunter2-secret');
    expect(JSON.stringify(entry) + line).not.toContain(email);
  });

  test('fills neither the audit trail nor hides a real account in a flood', async () => {
    const { prisma } = app.platform.database;
    for (let n = 0; n < 260; n += 1) await login(newEmail(), 'wrong');
    expect(
      await prisma.auditEntry.count({ where: { action: 'session.login_failed', targetType: 'account' } }),
    ).toBeLessThanOrEqual(200);
    const { email } = await person();
    const { id } = await prisma.user.findUniqueOrThrow({ where: { email } });
    await guess(email);
    expect(await entriesOf(id)).toHaveLength(10);
  });
});

describe('a new password', () => {
  const tryPassword = (password: string, email = newEmail()) =>
    send(`${app.url}/api/v1/auth/sign-up`, {
      json: { email, password, name: 'Ada Lovelace', organizationName: 'Engines' },
      headers: { 'x-forwarded-for': freshAddress() },
    });

  test.each(['password', '12345678', 'iloveyou', 'adalovelace'])(
    '%s is refused, with the reason at the field',
    async (password) => {
      const problem = problemOf(await tryPassword(password));
      expect(problem).toMatchObject({
        status: 400,
        errors: [
          { in: 'body', field: 'password', message: expect.stringMatching(/^(This is one|Must not be)/) },
        ],
      });
    },
  );

  test('the own address is refused', async () => {
    const email = newEmail();
    expect((await tryPassword(email, email)).status).toBe(400);
  });

  test('composed and decomposed letters sign in alike; half of a character does not match another half', async () => {
    const email = newEmail();
    expect((await tryPassword('caf\u00e9 au lait!', email)).status).toBe(201);
    expect((await login(email, 'cafe\u0301 au lait!')).status).toBe(200);
    expect((await login(email, 'CAF\u00c9 au lait!')).status).toBe(401);
    expect((await tryPassword('ends in half \ud83d')).status).toBe(400);
    expect((await login(email, 'ends in half \ud83d')).status).toBe(400);
  });

  test('of 100 characters counts to its last one', async () => {
    const email = newEmail();
    const long = 'quite a long one, and '.repeat(5).slice(0, 99);
    expect((await tryPassword(`${long}x`, email)).status).toBe(201);
    expect((await login(email, `${long}y`)).status).toBe(401);
    expect((await login(email, `${long}x`)).status).toBe(200);
  });
});

describe('probes and metrics', () => {
  test('/readyz and wrong metrics tokens have a limit; the right token of another address still works', async () => {
    const limited = await createTestApp({
      env: {
        RATE_LIMIT_PROBES: '5/minute',
        METRICS_TOKEN: 'secret-metrics-token',
        RATE_LIMIT_AUTH: '3/minute',
        TRUST_PROXY: '1',
      },
    });
    const get = (path: string, from: string, token?: string) =>
      send(`${limited.url}${path}`, {
        headers: { 'x-forwarded-for': from, ...(token && { authorization: `Bearer ${token}` }) },
      });
    try {
      const ready = [];
      for (let n = 0; n < 7; n += 1) ready.push((await get('/readyz', '192.0.2.1')).status);
      expect(ready).toEqual([200, 200, 200, 200, 200, 429, 429]);
      const wrong = [];
      for (let n = 0; n < 4; n += 1) wrong.push((await get('/metrics', '192.0.2.2', `wrong ${n}`)).status);
      expect(wrong).toEqual([401, 401, 401, 429]);
      expect((await get('/metrics', '192.0.2.2', 'secret-metrics-token')).status).toBe(429);
      for (let n = 0; n < 5; n += 1)
        expect((await get('/metrics', '192.0.2.3', 'secret-metrics-token')).status).toBe(200);
    } finally {
      await limited.close();
    }
  });
});
