import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts';
import { addColleague, join, type Person, signUp } from '../../testing/factories.ts';
import { createMembershipChanges } from '../../testing/membership-change.ts';
import { createTenants } from './organizations.repository.ts';

let app: TestApp;
let owner: Person;
let admin: Person;
let member: Person;
let stranger: Person;

beforeAll(async () => {
  app = await createTestApp();
  owner = await signUp(app, 'Ada');
  admin = await addColleague(app, owner, 'ADMIN', 'Grace');
  member = await addColleague(app, owner, 'MEMBER', 'Linus');
  stranger = await signUp(app, 'Mallory');
});
afterAll(() => app.close());

const inOrg = () => ({ orgId: owner.orgId });

describe('an organisation', () => {
  test('is seen by its members, each with the own role', async () => {
    expect(await member.api.organizations.getOrganization({ params: inOrg() })).toMatchObject({
      name: "Ada's place",
      role: 'MEMBER',
    });
    const { items } = await member.api.organizations.listMembers({ params: inOrg() });
    expect(items.map(({ name, role }) => [name, role])).toEqual([
      ['Ada', 'OWNER'],
      ['Grace', 'ADMIN'],
      ['Linus', 'MEMBER'],
    ]);
  });

  test('does not exist for anybody else', async () => {
    const calls = [
      () => stranger.api.organizations.getOrganization({ params: inOrg() }),
      () => stranger.api.organizations.listMembers({ params: inOrg() }),
      () => stranger.api.invitations.inviteMember({ params: inOrg(), body: { email: stranger.email } }),
      () => stranger.api.invitations.listInvitations({ params: inOrg() }),
      () => stranger.api.organizations.leaveOrganization({ params: inOrg() }),
      () => stranger.api.organizations.removeMember({ params: { ...inOrg(), userId: member.user.id } }),
      () => stranger.api.audit.listAuditEntries({ params: inOrg() }),
    ];
    for (const call of calls)
      await expect(call()).rejects.toMatchObject({ status: 404, problem: { code: 'not_found' } });
  });

  test('belongs to whoever creates it', async () => {
    const created = await member.api.organizations.createOrganization({ body: { name: 'Side project' } });
    expect(created).toMatchObject({ name: 'Side project', role: 'OWNER' });
    const { items } = await member.api.organizations.listOrganizations();
    expect(items.map(({ id }) => id)).toContain(created.id);
  });
});

describe('members', () => {
  test('who are removed lose access at once, with the token they hold', async () => {
    const leaver = await addColleague(app, owner, 'MEMBER', 'Leaver');
    expect((await leaver.api.organizations.getOrganization({ params: inOrg() })).id).toBe(owner.orgId);
    await owner.api.organizations.removeMember({ params: { ...inOrg(), userId: leaver.user.id } });
    await expect(leaver.api.organizations.getOrganization({ params: inOrg() })).rejects.toMatchObject({
      status: 404,
    });
  });

  test('with a higher role cannot be removed from below, and the last owner stays', async () => {
    const remove = (who: Person, userId: string) =>
      who.api.organizations.removeMember({ params: { ...inOrg(), userId } });
    await expect(remove(admin, owner.user.id)).rejects.toMatchObject({ status: 403 });
    await expect(remove(owner, owner.user.id)).rejects.toMatchObject({ status: 409 });
    await expect(remove(owner, stranger.user.id)).rejects.toMatchObject({ status: 404 });
  });

  test('change roles: it counts at once, nobody rises above whoever asks, and an owner stays', async () => {
    const riser = await addColleague(app, owner, 'GUEST', 'Riser');
    const change = (who: Person, userId: string, role: 'OWNER' | 'ADMIN' | 'MEMBER' | 'GUEST') =>
      who.api.organizations.changeRole({ params: { ...inOrg(), userId }, body: { role } });
    expect(await change(admin, riser.user.id, 'ADMIN')).toMatchObject({ role: 'ADMIN', name: 'Riser' });
    expect((await riser.api.organizations.getOrganization({ params: inOrg() })).role).toBe('ADMIN');
    await expect(change(admin, riser.user.id, 'OWNER')).rejects.toMatchObject({ status: 403 });
    await expect(change(admin, owner.user.id, 'MEMBER')).rejects.toMatchObject({ status: 403 });
    await expect(change(owner, owner.user.id, 'MEMBER')).rejects.toMatchObject({ status: 409 });
    await change(owner, riser.user.id, 'OWNER');
    await change(owner, riser.user.id, 'GUEST');
    await expect(change(riser, member.user.id, 'ADMIN')).rejects.toMatchObject({ status: 403 });
  });

  test('who get the role that they have already are told nothing, and nothing is written down', async () => {
    const steady = await addColleague(app, owner, 'MEMBER', 'Steady');
    const params = { ...inOrg(), userId: steady.user.id };
    const traces = () =>
      app.platform.database.query(
        `SELECT (SELECT count(*)::int FROM audit_entries WHERE target_id = $1::text) AS audit,
           (SELECT last_value FROM pg_sequences WHERE sequencename = 'outbox_events_id_seq') AS events`,
        [steady.user.id],
      );
    const before = await traces();
    const same = await owner.api.organizations.changeRole({ params, body: { role: 'MEMBER' } });
    expect(same).toMatchObject({ role: 'MEMBER', name: 'Steady' });
    expect(await traces()).toEqual(before);
    await owner.api.organizations.changeRole({ params, body: { role: 'GUEST' } });
    expect(await traces()).not.toEqual(before);
  });
});

describe('leaving', () => {
  const leave = ({ api, orgId }: Person) => api.organizations.leaveOrganization({ params: { orgId } });

  test.each(['ADMIN', 'MEMBER', 'GUEST'] as const)(
    'is up to each %s: access ends at once, and it is written down',
    async (role) => {
      const leaver = await addColleague(app, owner, role, 'Leaver');
      await leave(leaver);
      await expect(leaver.api.organizations.getOrganization({ params: inOrg() })).rejects.toMatchObject({
        status: 404,
      });
      await expect(leave(leaver)).rejects.toMatchObject({ status: 404 });
      const { items } = await owner.api.audit.listAuditEntries({ params: inOrg(), query: { limit: 1 } });
      expect(items).toMatchObject([
        {
          action: 'member.left',
          actorId: leaver.user.id,
          targetId: leaver.user.id,
          details: { role, invitationsEnded: 0 },
        },
      ]);
      expect((await leaver.api.organizations.listOrganizations()).items).toHaveLength(1);
    },
  );

  test('is not for the last owner, who is told what helps', async () => {
    const first = await signUp(app, 'First');
    await expect(leave(first)).rejects.toMatchObject({
      status: 409,
      problem: { detail: expect.stringContaining('Make someone else an owner first') },
    });
    const second = await addColleague(app, first, 'ADMIN', 'Second');
    await first.api.organizations.changeRole({
      params: { orgId: first.orgId, userId: second.user.id },
      body: { role: 'OWNER' },
    });
    // Both at once: one of them stays.
    const outcomes = await Promise.allSettled([leave(first), leave(second)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find((outcome) => outcome.status === 'rejected')).toMatchObject({
      reason: { status: 409 },
    });
  });

  test('somebody who left can be invited again', async () => {
    const leaver = await addColleague(app, owner, 'MEMBER', 'Leaver');
    await leave(leaver);
    await join(owner, leaver, 'GUEST');
    expect(await leaver.api.organizations.getOrganization({ params: inOrg() })).toMatchObject({
      role: 'GUEST',
    });
  });
});

test('the order of joining comes from the database, whatever the clock of the process', async () => {
  const { database } = app.platform;
  const tenants = createTenants(database);
  const joined = await signUp(app, 'Late');
  const [before] = await database.query<{ at: Date }>('SELECT statement_timestamp() AS at');
  jest.useFakeTimers({
    now: Date.now() - 3_600_000,
    // Only the clock is another one.
    doNotFake: [
      ...(['setTimeout', 'setInterval', 'setImmediate', 'nextTick', 'queueMicrotask'] as const),
      ...(['clearTimeout', 'clearInterval', 'clearImmediate', 'hrtime', 'performance'] as const),
    ],
  });
  try {
    await tenants.insertMember(database.prisma, owner.orgId, joined.user.id, 'GUEST');
  } finally {
    jest.useRealTimers();
  }
  const membership = await tenants.findMember(database.prisma, owner.orgId, joined.user.id);
  expect(membership?.joinedAt.getTime()).toBeGreaterThanOrEqual(before?.at.getTime() ?? Number.NaN);
});

describe('a role', () => {
  const memberships = createMembershipChanges(() => app);
  afterEach(() => memberships.end());

  const changeRole = ({ api, orgId }: Person, userId: string, role: 'OWNER' | 'ADMIN' | 'GUEST') =>
    api.organizations.changeRole({ params: { orgId, userId }, body: { role } });
  const remove = ({ api, orgId }: Person, userId: string) =>
    api.organizations.removeMember({ params: { orgId, userId } });
  const membersOf = (orgId: string) =>
    app.platform.database.prisma.membership.findMany({ where: { orgId }, orderBy: { userId: 'asc' } });

  test.each([
    ['demoted', "UPDATE memberships SET role = 'GUEST' WHERE user_id = $1::uuid", 403],
    ['removed', 'DELETE FROM memberships WHERE user_id = $1::uuid', 404],
  ])('of an admin %s meanwhile counts for the requests that wait', async (_what, statement, status) => {
    const first = await signUp(app, 'First');
    const actor = await addColleague(app, first, 'ADMIN', 'Actor');
    const other = await addColleague(app, first, 'MEMBER', 'Other');
    const params = { orgId: first.orgId };
    const before = await membersOf(first.orgId);
    const finish = await memberships.begin(actor.user.id, statement);
    const attempts = [
      () => changeRole(actor, other.user.id, 'ADMIN'),
      () => remove(actor, other.user.id),
      () => actor.api.invitations.inviteMember({ params, body: { email: stranger.email, role: 'ADMIN' } }),
      () => actor.api.channels.createChannel({ params, body: { name: 'late' } }),
    ].map((attempt) => attempt().catch((error: unknown) => error));
    await memberships.untilWaiting(attempts.length);
    await finish();
    for (const error of await Promise.all(attempts)) expect(error).toMatchObject({ status });
    const others = ({ userId }: { userId: string }) => userId !== actor.user.id;
    expect((await membersOf(first.orgId)).filter(others)).toEqual(before.filter(others));
    expect((await first.api.channels.listChannels({ params })).items).toEqual([]);
  });

  test('of somebody disabled meanwhile does not count for the request that waits', async () => {
    const first = await signUp(app, 'First');
    const actor = await addColleague(app, first, 'ADMIN', 'Actor');
    const other = await addColleague(app, first, 'MEMBER', 'Other');
    const finish = await memberships.begin(
      actor.user.id,
      'UPDATE users SET disabled_at = now() WHERE id = $1::uuid',
    );
    const attempt = changeRole(actor, other.user.id, 'ADMIN').catch((error: unknown) => error);
    await memberships.untilWaiting(1);
    await finish();
    expect(await attempt).toMatchObject({ status: 404 });
  });

  test('of an owner who became an admin meanwhile makes no owners', async () => {
    const first = await signUp(app, 'First');
    const other = await addColleague(app, first, 'MEMBER', 'Other');
    const finish = await memberships.begin(
      first.user.id,
      "UPDATE memberships SET role = 'ADMIN' WHERE user_id = $1::uuid",
    );
    const attempt = changeRole(first, other.user.id, 'OWNER').catch((error: unknown) => error);
    await memberships.untilWaiting(1);
    await finish();
    expect(await attempt).toMatchObject({ status: 403 });
  });

  test.each([
    ['remove', (who: Person, whom: Person) => remove(who, whom.user.id), 404],
    ['demote', (who: Person, whom: Person) => changeRole(who, whom.user.id, 'GUEST'), 403],
  ])(
    'two owners who %s each other at once: one does, the other no longer may',
    async (_what, act, status) => {
      for (let round = 0; round < 4; round += 1) {
        const first = await signUp(app, 'First');
        const second = await addColleague(app, first, 'ADMIN', 'Second');
        await changeRole(first, second.user.id, 'OWNER');
        const outcomes = await Promise.allSettled([act(first, second), act(second, first)]);
        const refusals = outcomes.filter((outcome) => outcome.status === 'rejected');
        expect(refusals).toEqual([expect.objectContaining({ reason: expect.objectContaining({ status }) })]);
        const owners = (await membersOf(first.orgId)).filter(({ role }) => role === 'OWNER');
        expect(owners).toHaveLength(1);
      }
    },
  );
});

describe('a platform role', () => {
  test('is looked up as it is now, so a demotion counts at once', async () => {
    const { access } = app.composition;
    const { id } = member.user;
    expect(await access.platformRole(id)).toBe('USER');
    await app.platform.database.prisma.user.update({ where: { id }, data: { role: 'ADMIN' } });
    expect(await access.platformRole(id)).toBe('ADMIN');
    await app.platform.database.prisma.user.update({ where: { id }, data: { role: 'USER' } });
    expect(await access.platformRole(id)).toBe('USER');
  });
});
