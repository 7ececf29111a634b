import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type RedisServer, startRedis } from '@plinth/dev-services';
import { createTestApp, createTestDatabase, type TestApp } from '../../testing/create-test-app.ts';
import { clientOf, type Person, signUp, TEST_PASSWORD } from '../../testing/factories.ts';
import { send } from '../../testing/http.ts';
import { createMembershipChanges } from '../../testing/membership-change.ts';
import { closed, connectSocket } from '../../testing/sockets.ts';
import { until } from '../../testing/until.ts';

const DISABLE = 'UPDATE users SET disabled_at = now() WHERE id = $1::uuid';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let redis: RedisServer;
let near: TestApp;
let far: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  redis = await startRedis();
  const env = { REDIS_URL: redis.url, OUTBOX_RELAY: 'api', MEMBERSHIP_REFRESH_MS: '500' };
  near = await createTestApp({ databaseUrl: database.url, env });
  far = await createTestApp({ databaseUrl: database.url, env });
  await Promise.all([near.sockets.joined, far.sockets.joined]);
});
afterAll(async () => {
  await Promise.all([near?.close(), far?.close()]);
  await redis?.close();
  await database?.drop();
});

/** A person with a socket on each instance, and what still works for them. */
async function connected() {
  const person = await signUp(near, 'Grace');
  const sockets = [
    await connectSocket(near.url, person.accessToken),
    await connectSocket(far.url, person.accessToken),
  ];
  const ends = Promise.all(sockets.map(closed));
  const me = (app: TestApp) =>
    send(`${app.url}/api/v1/users/me`, { headers: { authorization: `Bearer ${person.accessToken}` } });
  return { person, ends, me };
}

async function nothingWorks({ person, ends, me }: Awaited<ReturnType<typeof connected>>) {
  expect(await ends).toEqual(['io server disconnect', 'io server disconnect']);
  for (const app of [near, far]) {
    await until(async () => (await me(app)).status === 401);
    await expect(connectSocket(app.url, person.accessToken)).rejects.toThrow('session has ended');
    const { refreshToken, email } = person;
    const attempts = [
      send(`${app.url}/api/v1/auth/refresh`, { json: { refreshToken } }),
      send(`${app.url}/api/v1/auth/login`, { json: { email, password: TEST_PASSWORD } }),
    ];
    expect((await Promise.all(attempts)).map(({ status }) => status)).toEqual([401, 401]);
  }
}

describe('a user disabled in the database alone, without any signal (ASVS 7.4.2)', () => {
  test('loses sockets, requests, refresh and sign-in on every instance', async () => {
    const before = await connected();
    await near.platform.database.query(DISABLE, [before.person.user.id]);
    await nothingWorks(before);
  });

  test('also while Redis is away', async () => {
    const before = await connected();
    await redis.close();
    try {
      await near.platform.database.query(DISABLE, [before.person.user.id]);
      await nothingWorks(before);
    } finally {
      redis = await startRedis({ port: redis.port });
    }
  });
});

describe('what waits while its user is disabled is refused', () => {
  const changes = createMembershipChanges(() => near);
  let person: Person;
  beforeEach(async () => {
    person = await signUp(near, 'Linus');
  });
  afterEach(() => changes.end());

  const invited = async () => {
    const owner = await signUp(near, 'Olga');
    const { id: invitationId } = await owner.api.invitations.inviteMember({
      params: { orgId: owner.orgId },
      body: { email: person.email, role: 'MEMBER' },
    });
    return { params: { invitationId } };
  };

  test.each<[string, (api: Person['api']) => Promise<unknown>, number]>([
    ['joining', async (api) => api.invitations.acceptInvitation(await invited()), 401],
    ['declining', async (api) => api.invitations.declineInvitation(await invited()), 401],
    ['leaving', (api) => api.organizations.leaveOrganization({ params: { orgId: person.orgId } }), 404],
    ['a new name', (api) => api.users.updateMe({ body: { name: 'Late' } }), 401],
    ['a new organisation', (api) => api.organizations.createOrganization({ body: { name: 'Late' } }), 401],
    [
      'a refresh',
      () =>
        clientOf(near.url)
          .client()
          .auth.refresh({ body: { refreshToken: person.refreshToken } }),
      401,
    ],
    [
      'a sign-in',
      () =>
        clientOf(near.url)
          .client()
          .auth.login({ body: { email: person.email, password: TEST_PASSWORD } }),
      401,
    ],
    [
      'a new channel',
      (api) => api.channels.createChannel({ params: { orgId: person.orgId }, body: { name: 'late' } }),
      404,
    ],
    [
      'an invitation',
      (api) =>
        api.invitations.inviteMember({
          params: { orgId: person.orgId },
          body: { email: 'late@example.com', role: 'MEMBER' },
        }),
      404,
    ],
  ])('%s', async (_what, act, status) => {
    const finish = await changes.begin(person.user.id, DISABLE);
    const attempt = act(person.api).catch((error: unknown) => error);
    await changes.untilWaiting(1);
    await finish();
    expect(await attempt).toMatchObject({ status });
    expect(await near.platform.database.query("SELECT 1 FROM organizations WHERE name = 'Late'")).toEqual([]);
  });
});
