import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestApp } from '../../testing/create-test-app.ts';
import { createTestApp } from '../../testing/create-test-app.ts';
import { signUp, TEST_PASSWORD } from '../../testing/factories.ts';
import { cookiesOf, problemOf, send } from '../../testing/http.ts';
import { until } from '../../testing/until.ts';

let app: TestApp;
let time = new Date();

beforeAll(async () => {
  app = await createTestApp({ now: () => time });
});
afterAll(() => app.close());

const waitSeconds = (seconds: number) => {
  time = new Date(time.getTime() + seconds * 1000);
};
const refresh = (refreshToken: string | undefined) =>
  send(`${app.url}/api/v1/auth/refresh`, { json: { refreshToken } });
const tokensOf = async (refreshToken: string | undefined) => {
  const reply = await refresh(refreshToken);
  expect(reply.status).toBe(200);
  return reply.json() as { accessToken: string; refreshToken: string };
};
const me = (token: string) =>
  send(`${app.url}/api/v1/users/me`, { headers: { authorization: `Bearer ${token}` } });
const liveLeaves = (userId: string) =>
  app.platform.database.prisma.refreshToken.count({
    where: { usedAt: null, session: { userId, revokedAt: null } },
  });

describe('signing up', () => {
  test('creates the person, their organisation and a session at once', async () => {
    const person = await signUp(app, 'Ada');
    expect(person.user).toMatchObject({ name: 'Ada', role: 'USER', email: person.email });
    expect(await person.api.users.getMe()).toEqual(person.user);
    expect((await person.api.organizations.listOrganizations()).items).toMatchObject([
      { name: "Ada's place", role: 'OWNER' },
    ]);
  });

  test('twice with one email is a conflict that names the field, and leaves nothing half done', async () => {
    const { email } = await signUp(app);
    const organizations = await app.platform.database.prisma.organization.count();
    const reply = await send(`${app.url}/api/v1/auth/sign-up`, {
      json: { email: email.toUpperCase(), password: TEST_PASSWORD, name: 'Eve', organizationName: 'Eve Ltd' },
    });
    expect(problemOf(reply)).toMatchObject({ status: 409, errors: [{ in: 'body', field: 'email' }] });
    expect(await app.platform.database.prisma.organization.count()).toBe(organizations);
  });

  test.each([
    ['a short password', { password: 'seven77' }, 'password'],
    ['no email address', { email: 'ada' }, 'email'],
    ['an empty name', { name: '   ' }, 'name'],
    ['a role of its own choice', { role: 'SUPER_ADMIN' }, 'role'],
  ])('with %s is refused, and the answer names the field', async (_what, change, field) => {
    const body = {
      email: 'new@example.com',
      password: TEST_PASSWORD,
      name: 'New',
      organizationName: 'New',
      ...change,
    };
    const problem = problemOf(await send(`${app.url}/api/v1/auth/sign-up`, { json: body }));
    expect(problem).toMatchObject({ status: 400, code: 'invalid_input' });
    expect(problem.errors?.map((error) => error.field)).toEqual([field]);
  });

  test('takes a passphrase of 64 characters as it is', async () => {
    const password = ` ${'Käse-Brot!'.repeat(6)}xyz `;
    const body = {
      email: `long-${Date.now()}@example.com`,
      password,
      name: 'Long',
      organizationName: 'Long',
    };
    expect((await send(`${app.url}/api/v1/auth/sign-up`, { json: body })).status).toBe(201);
    const login = (given: string) =>
      send(`${app.url}/api/v1/auth/login`, { json: { email: body.email, password: given } });
    expect((await login(password)).status).toBe(200);
    expect((await login(password.trim())).status).toBe(401);
    expect((await login(password.toLowerCase())).status).toBe(401);
  });
});

describe('signing in', () => {
  test('answers the same for a wrong password and an unknown email', async () => {
    const { email } = await signUp(app);
    const answers = await Promise.all(
      [
        { email, password: 'not the password' },
        { email: 'nobody@example.com', password: 'not the password' },
      ].map(async (json) => problemOf(await send(`${app.url}/api/v1/auth/login`, { json }))),
    );
    const [wrong, unknown] = answers.map(({ requestId, ...problem }) => problem);
    expect(wrong).toEqual(unknown);
    expect(wrong).toMatchObject({ status: 401, code: 'invalid_credentials' });
  });

  test('never shows the password hash', async () => {
    const { email } = await signUp(app);
    const reply = await send(`${app.url}/api/v1/auth/login`, { json: { email, password: TEST_PASSWORD } });
    expect(reply.text).not.toMatch(/argon2|passwordHash/);
  });
});

describe('a refresh token', () => {
  test('is replaced at every use', async () => {
    const { refreshToken } = await signUp(app);
    const first = await tokensOf(refreshToken);
    expect(first.refreshToken).not.toBe(refreshToken);
    const second = await tokensOf(first.refreshToken);
    expect((await me(second.accessToken)).status).toBe(200);
  });

  test('used again after its successor was used ends the whole session, the newest tokens included', async () => {
    const { refreshToken: r0, user } = await signUp(app);
    const { refreshToken: r1 } = await tokensOf(r0);
    const { refreshToken: r2, accessToken } = await tokensOf(r1);

    expect(problemOf(await refresh(r0))).toMatchObject({ status: 401, code: 'session_ended' });
    expect((await refresh(r2)).status).toBe(401);
    expect(problemOf(await me(accessToken))).toMatchObject({ status: 401, code: 'session_ended' });
    expect(await liveLeaves(user.id)).toBe(0);
    const entries = await app.platform.database.prisma.auditEntry.findMany({
      where: { action: 'session.refresh_token_reused' },
    });
    expect(entries.some(({ details }) => JSON.stringify(details).includes(user.id))).toBe(true);
  });

  test('can be sent again within the grace when the reply was lost, and gives the same successor', async () => {
    const { refreshToken } = await signUp(app);
    const lost = await tokensOf(refreshToken);
    waitSeconds(9);
    const retried = await tokensOf(refreshToken);
    expect(retried.refreshToken).toBe(lost.refreshToken);
    expect((await refresh(retried.refreshToken)).status).toBe(200);
  });

  test('sent again after the grace ends the session', async () => {
    const { refreshToken } = await signUp(app);
    const next = await tokensOf(refreshToken);
    waitSeconds(11);
    expect((await refresh(refreshToken)).status).toBe(401);
    expect((await refresh(next.refreshToken)).status).toBe(401);
  });

  test('refreshed twenty times at once answers every time and leaves one live leaf', async () => {
    const { refreshToken, user } = await signUp(app);
    const replies = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
    expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(
      new Set(replies.map((reply) => (reply.json() as { refreshToken: string }).refreshToken)).size,
    ).toBe(1);
    expect(await liveLeaves(user.id)).toBe(1);
  });

  test('ends with its session, however often it was refreshed', async () => {
    let { refreshToken } = await signUp(app);
    for (let days = 0; days < 75; days += 25) {
      waitSeconds(25 * 86_400);
      ({ refreshToken } = await tokensOf(refreshToken));
    }
    waitSeconds(16 * 86_400);
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  test.each(['', 'nonsense', 'a.b.c'])('that is %j is refused', async (token) => {
    expect([400, 401]).toContain((await refresh(token)).status);
  });
});

describe('signing out', () => {
  test('refuses the refresh token and the access token at once', async () => {
    const { refreshToken, accessToken } = await signUp(app);
    const reply = await send(`${app.url}/api/v1/auth/logout`, { json: { refreshToken } });
    expect(reply.status).toBe(204);
    expect((await refresh(refreshToken)).status).toBe(401);
    expect((await me(accessToken)).status).toBe(401);
  });

  test('is seen by an instance that hears no signals, because it asks PostgreSQL', async () => {
    // Without Redis the two processes know nothing of each other.
    const another = await createTestApp({ databaseUrl: app.databaseUrl, now: () => time });
    try {
      const { refreshToken, accessToken } = await signUp(app);
      const there = () =>
        send(`${another.url}/api/v1/users/me`, { headers: { authorization: `Bearer ${accessToken}` } });
      expect((await there()).status).toBe(200);
      await send(`${app.url}/api/v1/auth/logout`, { json: { refreshToken } });
      await until(async () => (await there()).status === 401);
      expect(problemOf(await there())).toMatchObject({ code: 'session_ended' });
    } finally {
      await another.close();
    }
  });
});

describe('a rotated JWT_REFRESH_SECRET', () => {
  test('ends no session: former tokens, their successors and their CSRF tokens go on', async () => {
    const former = 'former-refresh-0123456789-0123456789-01';
    const env = { JWT_REFRESH_SECRET: former };
    const before = await createTestApp({ databaseUrl: app.databaseUrl, env, now: () => time });
    const after = await createTestApp({
      databaseUrl: app.databaseUrl,
      env: { JWT_PREVIOUS_REFRESH_SECRETS: former },
      now: () => time,
    });
    const ask = async (url: string, init: { json: object; headers?: Record<string, string> }) =>
      send(`${url}/api/v1/auth/refresh`, init);
    try {
      const { refreshToken } = await signUp(before);
      const lost = (await ask(before.url, { json: { refreshToken } })).json();
      const again = await ask(after.url, { json: { refreshToken } });
      expect(again.status).toBe(200);
      const successor = (again.json() as { refreshToken: string }).refreshToken;
      const jti = (token: string) =>
        JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).jti;
      expect(jti(successor)).toBe(jti((lost as { refreshToken: string }).refreshToken));

      const browser = await send(`${before.url}/api/v1/auth/sign-up`, {
        json: {
          email: `rotated-${crypto.randomUUID()}@example.com`,
          password: TEST_PASSWORD,
          name: 'Browser',
          organizationName: 'Web',
          refreshTokenIn: 'cookie',
        },
      });
      const cookies = cookiesOf(browser.headers);
      const cookieValue = (name: string) => cookies.get(name)?.value ?? '';
      const csrf = cookieValue(before.config.cookies.csrf);
      // Outside of production the names depend on the secret; there they are the same before and after.
      const cookie = `${after.config.cookies.refresh}=${cookieValue(before.config.cookies.refresh)}`;
      expect((await ask(after.url, { json: {}, headers: { cookie, 'x-csrf-token': csrf } })).status).toBe(
        200,
      );
    } finally {
      await before.close();
      await after.close();
    }
  });
});

test('what has expired long ago is forgotten by a job, and nothing else', async () => {
  const { user } = await signUp(app);
  const { prisma } = app.platform.database;
  const live = await prisma.session.findFirstOrThrow({ where: { userId: user.id } });
  const old = await prisma.session.create({
    data: { id: crypto.randomUUID(), userId: user.id, expiresAt: new Date(Date.now() - 31 * 86_400_000) },
  });
  const expired = {
    sessionId: live.id,
    issuedAt: new Date(0),
    expiresAt: new Date(Date.now() - 2 * 86_400_000),
  };
  await prisma.refreshToken.create({ data: { ...expired, hash: Buffer.from('expired') } });
  const job = app.composition.modules
    .flatMap(({ jobs }) => jobs ?? [])
    .find(({ name }) => name === 'sessions.purge');
  await job?.run();
  expect((await prisma.session.findMany({ where: { userId: user.id } })).map(({ id }) => id)).toEqual([
    live.id,
  ]);
  expect(await prisma.session.count({ where: { id: old.id } })).toBe(0);
  expect(await prisma.refreshToken.count({ where: { sessionId: live.id } })).toBe(1);
});

describe('a disabled user', () => {
  test('can neither sign in nor refresh nor act', async () => {
    const { email, user, refreshToken, accessToken } = await signUp(app);
    await app.platform.database.prisma.user.update({ where: { id: user.id }, data: { disabledAt: time } });
    expect(
      (await send(`${app.url}/api/v1/auth/login`, { json: { email, password: TEST_PASSWORD } })).status,
    ).toBe(401);
    expect((await refresh(refreshToken)).status).toBe(401);
    expect((await me(accessToken)).status).toBe(404);
    // Every route refuses the token as soon as the list of ended sessions was read again.
    await until(async () => (await me(accessToken)).status === 401);
  });
});
