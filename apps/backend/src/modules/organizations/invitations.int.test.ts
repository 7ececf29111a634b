import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestApp, type TestApp, testServers } from '../../testing/create-test-app.ts';
import { addColleague, type Person, signUp, TEST_PASSWORD } from '../../testing/factories.ts';
import { problemOf, send } from '../../testing/http.ts';
import { accept, daysGoBy, decline, invite, received, revoke, sent } from '../../testing/invitations.ts';
import { createMembershipChanges } from '../../testing/membership-change.ts';
import { createInvitations } from './invitations.repository.ts';

let app: TestApp;
let owner: Person;
let admin: Person;
let guest: Person;
let invitee: Person;

beforeAll(async () => {
  app = await createTestApp();
  owner = await signUp(app, 'Ada');
  admin = await addColleague(app, owner, 'ADMIN', 'Grace');
  guest = await addColleague(app, owner, 'GUEST', 'Guido');
  invitee = await signUp(app, 'Ines');
});
afterAll(() => app.close());

const membersOf = async (orgId: string) =>
  (await app.platform.database.prisma.membership.findMany({ where: { orgId } })).map(({ userId }) => userId);
const auditOf = async (action: string, targetId: string) =>
  app.platform.database.prisma.auditEntry.findMany({
    where: { action, targetId },
    orderBy: [{ at: 'asc' }, { id: 'asc' }],
  });
const isSent = async (id: string) => (await sent(owner)).some((one) => one.id === id);
const statusOf = (call: Promise<unknown>) =>
  call.then(
    () => 200,
    (error: { status?: number }) => error.status,
  );

describe('an invitation', () => {
  test('makes nobody a member before it is accepted, and then with its role, in one transaction', async () => {
    const made = await invite(admin, invitee.email, 'GUEST');
    expect(made).toMatchObject({
      email: invitee.email,
      role: 'GUEST',
      invitedBy: { userId: admin.user.id, name: 'Grace' },
    });
    expect(Date.parse(made.expiresAt) - Date.parse(made.createdAt)).toBe(7 * 86_400_000);
    expect(await sent(owner)).toEqual([made]);
    expect(await received(invitee)).toEqual([
      {
        id: made.id,
        organization: { id: owner.orgId, name: "Ada's place" },
        role: 'GUEST',
        invitedBy: { name: 'Grace' },
        createdAt: made.createdAt,
        expiresAt: made.expiresAt,
      },
    ]);
    await expect(
      invitee.api.organizations.getOrganization({ params: { orgId: owner.orgId } }),
    ).rejects.toMatchObject({ status: 404 });
    expect(await membersOf(owner.orgId)).not.toContain(invitee.user.id);

    expect(await accept(invitee, made.id)).toMatchObject({ id: owner.orgId, role: 'GUEST' });
    const { role } = await invitee.api.organizations.getOrganization({ params: { orgId: owner.orgId } });
    expect(role).toBe('GUEST');
    expect([await sent(owner), await received(invitee)]).toEqual([[], []]);
    expect(await auditOf('member.joined', invitee.user.id)).toMatchObject([
      {
        orgId: owner.orgId,
        actorId: invitee.user.id,
        details: { role: 'GUEST', invitationId: made.id, invitedBy: admin.user.id },
      },
    ]);
    const transactions = await app.platform.database.query(
      `SELECT xmin::text FROM memberships WHERE user_id = $1::uuid AND org_id = $3::uuid
       UNION SELECT xmin::text FROM invitations WHERE id = $2::uuid
       UNION SELECT xmin::text FROM audit_entries WHERE target_id = $1::text AND action = 'member.joined'`,
      [invitee.user.id, made.id, owner.orgId],
    );
    expect(transactions).toHaveLength(1);
  });

  test('is made by owners and admins, for a role below owner', async () => {
    await expect(invite(guest, 'somebody@example.com')).rejects.toMatchObject({ status: 403 });
    const reply = await send(`${app.url}/api/v1/orgs/${owner.orgId}/invitations`, {
      json: { email: 'somebody@example.com', role: 'OWNER' },
      headers: { authorization: `Bearer ${owner.accessToken}` },
    });
    expect(problemOf(reply)).toMatchObject({ status: 400, errors: [{ in: 'body', field: 'role' }] });
    await expect(invite(owner, admin.email)).rejects.toMatchObject({ status: 409 });
    await expect(invite(owner, owner.email)).rejects.toMatchObject({ status: 409 });
  });

  test('to an address in any spelling waits for whoever signs up with it', async () => {
    const { id, email } = await invite(owner, ' Late.Comer@Example.COM ');
    expect(email).toBe('late.comer@example.com');
    const { accessToken } = await app.client().auth.signUp({
      body: { email: 'late.comer@example.com', password: TEST_PASSWORD, name: 'Late', organizationName: 'L' },
    });
    const api = app.client(accessToken);
    expect((await api.invitations.listMyInvitations()).items.map((one) => one.id)).toEqual([id]);
    expect(await api.invitations.acceptInvitation({ params: { invitationId: id } })).toMatchObject({
      id: owner.orgId,
    });
  });

  test('is nobody else’s to answer, to see or to withdraw', async () => {
    const person = await signUp(app, 'Pia');
    const stranger = await signUp(app, 'Mallory');
    const { id } = await invite(owner, person.email);
    for (const attempt of [accept, decline]) {
      await expect(attempt(stranger, id)).rejects.toMatchObject({ status: 404 });
      await expect(attempt(owner, id)).rejects.toMatchObject({ status: 404 });
    }
    await expect(revoke(stranger, id)).rejects.toMatchObject({ status: 404 });
    await expect(revoke({ ...stranger, orgId: owner.orgId }, id)).rejects.toMatchObject({ status: 404 });
    await expect(revoke(guest, id)).rejects.toMatchObject({ status: 403 });
    expect(await received(stranger)).toEqual([]);
    expect(await received(person)).toHaveLength(1);
    expect(await accept(person, id)).toMatchObject({ id: owner.orgId });
  });

  test('is there once for each address: a second one names the remedy', async () => {
    const email = 'twice@example.com';
    const { id } = await invite(owner, email);
    await expect(invite(admin, email, 'ADMIN')).rejects.toMatchObject({
      status: 409,
      problem: { detail: expect.stringContaining('Withdraw') },
    });
    await revoke(admin, id);
    expect(await invite(admin, email, 'ADMIN')).toMatchObject({ role: 'ADMIN' });
  });

  test('made eight times at once is made once', async () => {
    const attempts = Array.from({ length: 8 }, (_, n) => invite(n % 2 ? owner : admin, 'rush@example.com'));
    const outcomes = await Promise.all(attempts.map(statusOf));
    expect(outcomes.sort()).toEqual([200, 409, 409, 409, 409, 409, 409, 409]);
  });
});

describe('an invitation that has ended', () => {
  let id: string;
  const prepare = async () => {
    invitee = await signUp(app, 'Ines');
    ({ id } = await invite(owner, invitee.email));
  };
  const isOver = async (answer: number) => {
    expect(await statusOf(accept(invitee, id))).toBe(answer);
    expect(await received(invitee)).toEqual([]);
    expect(await membersOf(owner.orgId)).not.toContain(invitee.user.id);
  };

  test('because it was withdrawn cannot be answered or withdrawn again', async () => {
    await prepare();
    await revoke(admin, id);
    await isOver(410);
    expect(await statusOf(decline(invitee, id))).toBe(410);
    expect(await statusOf(revoke(owner, id))).toBe(404);
    expect(await isSent(id)).toBe(false);
    expect(await auditOf('invitation.revoked', id)).toMatchObject([{ actorId: admin.user.id }]);
  });

  test('by its date cannot be answered, is not listed, and another one can be made (ASVS 6.4.1)', async () => {
    await prepare();
    await daysGoBy(app, 7);
    await isOver(410);
    expect(await statusOf(decline(invitee, id))).toBe(410);
    expect(await statusOf(revoke(owner, id))).toBe(404);
    expect(await isSent(id)).toBe(false);
    const next = await invite(owner, invitee.email);
    expect(await received(invitee)).toMatchObject([{ id: next.id }]);
    expect(await statusOf(accept(invitee, id))).toBe(410);
    await accept(invitee, next.id);
  });

  test('because it was accepted answers the same again, once, and only while it counts', async () => {
    await prepare();
    const first = await accept(invitee, id);
    expect(await accept(invitee, id)).toEqual(first);
    expect(await auditOf('member.joined', invitee.user.id)).toHaveLength(1);
    await expect(decline(invitee, id)).rejects.toMatchObject({
      status: 409,
      problem: { detail: expect.stringContaining('Leave') },
    });
    await expect(revoke(owner, id)).rejects.toMatchObject({
      status: 409,
      problem: { detail: expect.stringContaining('Remove') },
    });
    await owner.api.organizations.removeMember({
      params: { orgId: owner.orgId, userId: invitee.user.id },
    });
    await isOver(410);
    const again = await invite(owner, invitee.email, 'ADMIN');
    expect(await accept(invitee, again.id)).toMatchObject({ role: 'ADMIN' });
  });

  test('because it was declined stays declined', async () => {
    await prepare();
    await decline(invitee, id);
    await decline(invitee, id);
    expect(await auditOf('invitation.declined', id)).toHaveLength(1);
    await isOver(410);
  });

  test.each([
    [
      'accepted eight times at once: one membership',
      () => Array.from({ length: 8 }, () => accept(invitee, id)),
      [200, 200, 200, 200, 200, 200, 200, 200],
    ],
    [
      'accepted and withdrawn at once: one of both',
      () => [accept(invitee, id), revoke(owner, id)],
      undefined,
    ],
    [
      'accepted and declined at once: one of both',
      () => [accept(invitee, id), decline(invitee, id)],
      undefined,
    ],
  ])('%s', async (_what, act, expected) => {
    for (let round = 0; round < 4; round += 1) {
      await prepare();
      const [accepted, ...others] = await Promise.all(act().map(statusOf));
      const isMember = (await membersOf(owner.orgId)).includes(invitee.user.id);
      expect(isMember).toBe(accepted === 200);
      expect(await auditOf('member.joined', invitee.user.id)).toHaveLength(isMember ? 1 : 0);
      if (expected) expect([accepted, ...others]).toEqual(expected);
      else expect([accepted, ...others].sort()).toEqual(isMember ? [200, 409] : [200, 410]);
    }
  });
});

describe('an invitation counts as far as its inviter may invite', () => {
  const memberships = createMembershipChanges(() => app);
  afterEach(() => memberships.end());
  let id: string;
  beforeEach(async () => {
    admin = await addColleague(app, owner, 'ADMIN', 'Grace');
    invitee = await signUp(app, 'Ines');
    ({ id } = await invite(admin, invitee.email));
  });
  const params = () => ({ orgId: owner.orgId, userId: admin.user.id });
  const demote = () => owner.api.organizations.changeRole({ params: params(), body: { role: 'MEMBER' } });
  const promote = (role: 'ADMIN' | 'OWNER') =>
    owner.api.organizations.changeRole({ params: params(), body: { role } });

  test.each([
    ['was demoted', demote],
    ['was removed', () => owner.api.organizations.removeMember({ params: params() })],
    ['left', () => admin.api.organizations.leaveOrganization({ params: { orgId: admin.orgId } })],
    [
      'was disabled',
      () =>
        app.platform.database.query('UPDATE users SET disabled_at = now() WHERE id = $1::uuid', [
          admin.user.id,
        ]),
    ],
    ['is gone', () => app.platform.database.query('DELETE FROM users WHERE id = $1::uuid', [admin.user.id])],
  ])('and no longer when the inviter %s', async (_what, happen) => {
    const other = await invite(owner, `other-${id}@example.com`);
    await happen();
    expect([await isSent(id), await isSent(other.id)]).toEqual([false, true]);
    expect(await received(invitee)).toEqual([]);
    expect(await statusOf(accept(invitee, id))).toBe(410);
    expect(await membersOf(owner.orgId)).not.toContain(invitee.user.id);
    const next = await invite(owner, invitee.email, 'GUEST');
    expect(await accept(invitee, next.id)).toMatchObject({ role: 'GUEST' });
  });

  test('it does not come back when the inviter does, and a change that keeps the right ends nothing', async () => {
    await promote('OWNER');
    await promote('ADMIN');
    expect(await received(invitee)).toHaveLength(1);
    await demote();
    await promote('ADMIN');
    expect(await received(invitee)).toEqual([]);
    expect(await statusOf(accept(invitee, id))).toBe(410);
    expect(await auditOf('member.role_changed', admin.user.id)).toMatchObject([
      { details: { from: 'ADMIN', to: 'OWNER', invitationsEnded: 0 } },
      { details: { from: 'OWNER', to: 'ADMIN', invitationsEnded: 0 } },
      { details: { from: 'ADMIN', to: 'MEMBER', invitationsEnded: 1 } },
      { details: { from: 'MEMBER', to: 'ADMIN', invitationsEnded: 0 } },
    ]);
  });

  test.each([
    "UPDATE memberships SET role = 'GUEST' WHERE user_id = $1::uuid",
    'DELETE FROM memberships WHERE user_id = $1::uuid',
    'UPDATE users SET disabled_at = now() WHERE id = $1::uuid',
  ])('as it is at the commit: %s', async (statement) => {
    const finish = await memberships.begin(admin.user.id, statement);
    const attempt = statusOf(accept(invitee, id));
    await memberships.untilWaiting(1);
    await finish();
    expect(await attempt).toBe(410);
    expect(await membersOf(owner.orgId)).not.toContain(invitee.user.id);
  });
});

test('an account that was disabled answers no invitation', async () => {
  const person = await signUp(app, 'Ines');
  const { id } = await invite(owner, person.email);
  await app.platform.database.query('UPDATE users SET disabled_at = now() WHERE id = $1::uuid', [
    person.user.id,
  ]);
  expect(await received(person)).toEqual([]);
  expect(await statusOf(accept(person, id))).toBe(401);
  expect(await statusOf(decline(person, id))).toBe(401);
});

test('ended invitations are deleted when nothing depends on them any more', async () => {
  const person = await signUp(app, 'Ines');
  const invitations = createInvitations(app.platform.database);
  const count = () => app.platform.database.prisma.invitation.count({ where: { email: person.email } });
  await decline(person, (await invite(owner, person.email)).id);
  await daysGoBy(app, 7 + 59);
  await invitations.purge();
  expect(await count()).toBe(1);
  await daysGoBy(app, 2);
  await invitations.purge();
  expect(await count()).toBe(0);
});

describe('each change of an invitation or membership', () => {
  let silent: TestApp;
  beforeAll(async () => {
    // Nobody publishes here, so events can be looked at.
    silent = await createTestApp({ env: { OUTBOX_RELAY: 'worker', REDIS_URL: testServers.redis() } });
  });
  afterAll(() => silent.close());

  test('is committed together with its audit entry and its events', async () => {
    const [ada, ines, pia] = [
      await signUp(silent, 'Ada'),
      await signUp(silent, 'Ines'),
      await signUp(silent, 'Pia'),
    ];
    const params = { orgId: ada.orgId };
    const { id } = await invite(ada, ines.email, 'ADMIN');
    const { id: declined } = await invite(ada, pia.email);
    await decline(pia, declined);
    await revoke(ada, declined);
    await accept(ines, id);
    const { id: ended } = await invite({ ...ines, orgId: ada.orgId }, pia.email);
    await ines.api.organizations.leaveOrganization({ params });
    const changes = await silent.platform.database.query(
      `SELECT a.action, array_agg(o.topic ORDER BY o.id) AS topics FROM audit_entries a
       JOIN outbox_events o ON o.xmin = a.xmin GROUP BY a.id, a.action ORDER BY min(o.id)`,
    );
    expect(changes).toEqual([
      { action: 'invitation.created', topics: ['invitations.changed'] },
      { action: 'invitation.created', topics: ['invitations.changed'] },
      { action: 'invitation.declined', topics: ['invitations.changed'] },
      { action: 'invitation.revoked', topics: ['invitations.changed'] },
      { action: 'member.joined', topics: ['membership.changed', 'invitations.changed'] },
      { action: 'invitation.created', topics: ['invitations.changed'] },
      { action: 'member.left', topics: ['invitations.changed', 'membership.removed'] },
    ]);
    const events = await silent.platform.database.query<{ payload: unknown }>(
      'SELECT payload FROM outbox_events ORDER BY id DESC LIMIT 2',
    );
    expect(events.map(({ payload }) => payload)).toEqual([
      { orgId: ada.orgId, userId: ines.user.id },
      { invitationIds: [ended] },
    ]);
    // What is published later holds ids alone.
    const [mails] = await silent.platform.database.query(
      "SELECT count(*)::int AS n FROM outbox_events WHERE payload::text LIKE '%@%'",
    );
    expect(mails).toEqual({ n: 0 });
  });
});
