import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts';
import { type Person, signUp } from '../../testing/factories.ts';
import { problemOf, send } from '../../testing/http.ts';
import { pagesOf } from '../../testing/pages.ts';

const MANY = 512;

let app: TestApp;
let owner: Person;

/** People who joined in one statement: all at the same moment. */
const addMembers = (orgId: string, count: number) =>
  app.platform.database.query(
    `WITH people AS (
       INSERT INTO users (id, email, name, password_hash, updated_at)
       SELECT gen_random_uuid(), gen_random_uuid() || '@example.com', 'Same Name', '', now()
       FROM generate_series(1, $2) RETURNING id)
     INSERT INTO memberships (org_id, user_id, role) SELECT $1::uuid, id, 'MEMBER' FROM people`,
    [orgId, count],
  );
const joinOrganizations = (userId: string, count: number) =>
  app.platform.database.query(
    `WITH places AS (
       INSERT INTO organizations (id, name) SELECT gen_random_uuid(), 'Same Place' FROM generate_series(1, $2)
       RETURNING id)
     INSERT INTO memberships (org_id, user_id, role) SELECT id, $1::uuid, 'MEMBER' FROM places`,
    [userId, count],
  );
const addEntries = (orgId: string, count: number) =>
  app.platform.database.query(
    `INSERT INTO audit_entries (id, org_id, actor_type, action, target_type)
     SELECT gen_random_uuid(), $1::uuid, 'system', 'test.done', 'test' FROM generate_series(1, $2)`,
    [orgId, count],
  );

/** Open invitations that one organisation sent, all at the same moment. */
const addInvitations = (orgId: string, invitedBy: string, count: number) =>
  app.platform.database.query(
    `INSERT INTO invitations (id, org_id, email, role, invited_by, expires_at)
     SELECT gen_random_uuid(), $1::uuid, n || '@example.com', 'MEMBER', $2::uuid, now() + interval '7 days'
     FROM generate_series(1, $3) n`,
    [orgId, invitedBy, count],
  );
/** Open invitations to one address, each from another organisation, all at the same moment. */
const addReceived = (email: string, invitedBy: string, count: number) =>
  app.platform.database.query(
    `WITH places AS (
       INSERT INTO organizations (id, name) SELECT gen_random_uuid(), 'Same Place' FROM generate_series(1, $3)
       RETURNING id),
     inviters AS (INSERT INTO memberships (org_id, user_id, role) SELECT id, $2::uuid, 'OWNER' FROM places)
     INSERT INTO invitations (id, org_id, email, role, invited_by, expires_at)
     SELECT gen_random_uuid(), id, $1, 'MEMBER', $2::uuid, now() + interval '7 days' FROM places`,
    [email, invitedBy, count],
  );

beforeAll(async () => {
  app = await createTestApp();
  owner = await signUp(app, 'Ada');
  await addMembers(owner.orgId, MANY);
  await joinOrganizations(owner.user.id, MANY);
  await addEntries(owner.orgId, MANY);
  await addInvitations(owner.orgId, owner.user.id, MANY + 1);
  await addReceived(owner.email, (await signUp(app, 'Grace')).user.id, MANY + 1);
});
afterAll(() => app.close());

const params = () => ({ orgId: owner.orgId });
const members = (query: { cursor?: string; limit?: number } = {}) =>
  owner.api.organizations.listMembers({ params: params(), query });
const lists = {
  members: {
    path: () => `/orgs/${owner.orgId}/members`,
    load: async (limit: number, cursor?: string) => {
      const { items, ...rest } = await members({ limit, ...(cursor && { cursor }) });
      return { ...rest, items: items.map(({ userId }) => userId) };
    },
  },
  organisations: {
    path: () => '/orgs',
    load: async (limit: number, cursor?: string) => {
      const { items, ...rest } = await owner.api.organizations.listOrganizations({
        query: { limit, ...(cursor && { cursor }) },
      });
      return { ...rest, items: items.map(({ id }) => id) };
    },
  },
  'audit entries': {
    path: () => `/orgs/${owner.orgId}/audit`,
    load: async (limit: number, cursor?: string) => {
      const { items, ...rest } = await owner.api.audit.listAuditEntries({
        params: params(),
        query: { limit, ...(cursor && { cursor }) },
      });
      return { ...rest, items: items.map(({ id }) => id) };
    },
  },
  'invitations of an organisation': {
    path: () => `/orgs/${owner.orgId}/invitations`,
    load: async (limit: number, cursor?: string) => {
      const { items, ...rest } = await owner.api.invitations.listInvitations({
        params: params(),
        query: { limit, ...(cursor && { cursor }) },
      });
      return { ...rest, items: items.map(({ id }) => id) };
    },
  },
  'own invitations': {
    path: () => '/invitations',
    load: async (limit: number, cursor?: string) => {
      const { items, ...rest } = await owner.api.invitations.listMyInvitations({
        query: { limit, ...(cursor && { cursor }) },
      });
      return { ...rest, items: items.map(({ id }) => id) };
    },
  },
};

describe.each(Object.entries(lists))('the list of %s', (name, { load, path }) => {
  test('is read to its end, each row once, although all of them have the same sort value', async () => {
    const pages = await pagesOf((cursor) => load(100, cursor));
    const ids = pages.flatMap(({ items }) => items);
    expect(ids.length).toBeGreaterThanOrEqual(MANY + 1);
    expect(new Set(ids).size).toBe(ids.length);
    for (const page of pages.slice(0, -1)) expect(page.items).toHaveLength(100);
    // The same order whatever the size of the page.
    const small = await pagesOf((cursor) => load(37, cursor));
    expect(small.flatMap(({ items }) => items)).toEqual(ids);
  });

  test('has no cursor on a last page that is exactly full', async () => {
    const all = (await pagesOf((cursor) => load(100, cursor))).flatMap(({ items }) => items);
    const first = await load(all.length % 100 || 100);
    const rest = await pagesOf((cursor) => load(100, cursor ?? first.nextCursor ?? undefined));
    expect(rest.at(-1)).toMatchObject({ nextCursor: null });
    expect(rest.at(-1)?.items).toHaveLength(100);
  });

  test.each([
    ['empty', ''],
    ['not base64url', 'not/base64=='],
    ['no JSON', Buffer.from('nonsense').toString('base64url')],
    ['of another shape', Buffer.from('{"a":1}').toString('base64url')],
    ['of another list', Buffer.from('["elsewhere","x",1]').toString('base64url')],
    ['too long', 'x'.repeat(2000)],
    ['an id, as it once was', '0192f1c8-0000-7000-8000-000000000000'],
  ])('answers 400 and names the field for a cursor that is %s', async (_what, cursor) => {
    const url = `${app.url}/api/v1${path()}?cursor=${encodeURIComponent(cursor)}`;
    const problem = problemOf(await send(url, { headers: { authorization: `Bearer ${owner.accessToken}` } }));
    expect(problem).toMatchObject({ status: 400, errors: [{ in: 'query', field: 'cursor' }] });
  });

  test('answers 400 for its own cursor with a value that the database would refuse', async () => {
    const { nextCursor } = await load(1);
    const parts = JSON.parse(Buffer.from(nextCursor ?? '', 'base64url').toString());
    for (const value of [
      null,
      'nul\0',
      '\ud800',
      -1,
      1e300,
      1.5,
      '',
      [],
      '0192f1c8',
      '0000-01-01T00:00:00Z',
    ]) {
      for (const index of parts.keys()) {
        const forged = Buffer.from(JSON.stringify(parts.with(index, value))).toString('base64url');
        await expect(load(1, forged)).rejects.toMatchObject({ status: 400 });
      }
    }
  });

  test('refuses the cursor of another list', async () => {
    for (const other of Object.entries(lists).filter(([key]) => key !== name)) {
      const { nextCursor } = await other[1].load(1);
      await expect(load(1, nextCursor ?? '')).rejects.toMatchObject({ status: 400 });
    }
  });
});

test('a cursor of another organisation is refused', async () => {
  const stranger = await signUp(app, 'Mallory');
  const { nextCursor } = await members({ limit: 1 });
  await expect(
    stranger.api.organizations.listMembers({
      params: { orgId: stranger.orgId },
      query: { cursor: nextCursor ?? '' },
    }),
  ).rejects.toMatchObject({ status: 400 });
});

test('who joins and leaves while somebody reads makes nobody else appear twice or not at all', async () => {
  const before = (await pagesOf((cursor) => members({ limit: 100, ...(cursor && { cursor }) }))).flatMap(
    ({ items }) => items.map(({ userId }) => userId),
  );
  const leaver = before[50] ?? '';
  const seen: string[] = [];
  await pagesOf(async (cursor) => {
    const page = await members({ limit: 40, ...(cursor && { cursor }) });
    seen.push(...page.items.map(({ userId }) => userId));
    await addMembers(owner.orgId, 1);
    // The row that a cursor was made of may go: the cursor holds all the same.
    if (seen.length === 80) {
      const last = seen.at(-1) ?? '';
      for (const userId of [leaver, last]) {
        await owner.api.organizations.removeMember({ params: { ...params(), userId } });
      }
    }
    return page;
  });
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.filter((id) => before.includes(id))).toEqual(before);
});

test.each([
  [
    'members',
    'memberships_org_id_joined_at_user_id_idx',
    `SELECT m.user_id FROM memberships m WHERE m.org_id = $1::uuid AND (m.joined_at, m.user_id) > (now(), $2::uuid)
     ORDER BY m.joined_at, m.user_id LIMIT 51`,
  ],
  [
    'organisations',
    'memberships_user_id_joined_at_org_id_idx',
    `SELECT m.org_id FROM memberships m WHERE m.user_id = $1::uuid AND (m.joined_at, m.org_id) > (now(), $2::uuid)
     ORDER BY m.joined_at, m.org_id LIMIT 51`,
  ],
  [
    'audit entries',
    'audit_entries_org_id_at_id_idx',
    `SELECT a.id FROM audit_entries a WHERE a.org_id = $1::uuid AND a.at <= now() AND (a.at < now() OR a.id < $2::uuid)
     ORDER BY a.at DESC, a.id DESC LIMIT 51`,
  ],
  [
    'invitations of an organisation',
    'invitations_org_id_created_at_id_idx',
    `SELECT i.id FROM invitations i JOIN memberships a ON a.org_id = i.org_id AND a.user_id = i.invited_by
     WHERE i.org_id = $1::uuid AND (i.created_at, i.id) < (now(), $2::uuid) AND i.expires_at > now()
     ORDER BY i.created_at DESC, i.id DESC LIMIT 51`,
  ],
  [
    'own invitations',
    'invitations_email_priority_created_at_id_idx',
    `SELECT i.id FROM invitations i WHERE i.email = (SELECT email FROM users WHERE id = $2::uuid)
     AND (i.priority, i.created_at, i.id) < (3::smallint, now(), $1::uuid)
     ORDER BY i.priority DESC, i.created_at DESC, i.id DESC LIMIT 51`,
  ],
])('%s are read in the order of an index, without sorting', async (_name, index, statement) => {
  const { database } = app.platform;
  const plan = await database.transaction(async (tx) => {
    // A table of a few hundred rows is read whole otherwise.
    await tx.query('SET LOCAL enable_seqscan = off');
    await tx.query('SET LOCAL enable_bitmapscan = off');
    return tx.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${statement}`, [owner.orgId, owner.user.id]);
  });
  const text = plan.map((row) => row['QUERY PLAN']).join('\n');
  expect(text).toContain(index);
  expect(text).not.toContain('Sort');
});
