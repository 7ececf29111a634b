import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  createTestApp,
  createTestDatabase,
  type TestApp,
  testServers,
} from '../../testing/create-test-app.ts';
import { startCuttableProxy } from '../../testing/cuttable-proxy.ts';
import { addColleague, type Person, signUp } from '../../testing/factories.ts';
import { send } from '../../testing/http.ts';
import { daysGoBy, decline, invite, received, revoke, sent } from '../../testing/invitations.ts';
import { ask, connectSocket, next, type TestSocket } from '../../testing/sockets.ts';

let app: TestApp;
let owner: Person;
const open: TestSocket[] = [];

beforeAll(async () => {
  app = await createTestApp();
});
beforeEach(async () => {
  owner = await signUp(app, 'Ada');
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});
afterAll(() => app.close());

const VARYING =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z|"requestId":"[^"]*"/g;

/** Whatever the organisation can get to see about an address, with what differs each time left out. */
function eyesOn(email: string) {
  const mask = (value: string) =>
    value.replaceAll(email, 'ADDRESS').replaceAll(owner.email, 'OWNER').replaceAll(VARYING, '…');
  const ask = async (path: string, init: RequestInit & { json?: unknown } = {}) => {
    const reply = await send(`${app.url}/api/v1/orgs/${owner.orgId}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${owner.accessToken}` },
    });
    const headers = [...reply.headers.keys()].sort().join();
    return {
      reply,
      seen: mask(`${reply.status} ${headers} ${reply.headers.get('content-length')} ${reply.text}`),
    };
  };
  return {
    invite: () => ask('/invitations', { json: { email, role: 'ADMIN' } }),
    revoke: (id: string) => ask(`/invitations/${id}`, { method: 'DELETE' }),
    look: async () => {
      const views = await Promise.all(['/invitations', '/audit', '/members'].map((path) => ask(path)));
      return views.map(({ seen }) => seen);
    },
  };
}

/** All that is stored for an invitation, by table. */
const traces = (id: string) =>
  app.platform.database.query(
    `SELECT (SELECT count(*)::int FROM invitations WHERE id = $1::uuid) AS invitations,
       (SELECT count(*)::int FROM audit_entries WHERE target_id = $1::text) AS audit`,
    [id],
  );

test('an address with an account, without one and with a disabled one are answered alike, byte for byte (ASVS 6.3.8)', async () => {
  const person = await signUp(app, 'Pia');
  const disabled = await signUp(app, 'Dan');
  await app.platform.database.query('UPDATE users SET disabled_at = now() WHERE id = $1::uuid', [
    disabled.user.id,
  ]);
  const nobody = person.email.replace('pia', 'nob');
  const seen: unknown[] = [];
  for (const email of [person.email, nobody, disabled.email]) {
    // Each in an organisation of its own, where nothing has happened before.
    owner = await signUp(app, 'Ada');
    const eyes = eyesOn(email);
    const first = await eyes.invite();
    const { id } = first.reply.json() as { id: string };
    expect(first.reply.status).toBe(201);
    seen.push([
      first.seen,
      await eyes.look(),
      (await eyes.invite()).seen,
      await traces(id),
      (await eyes.revoke(id)).seen,
      (await eyes.revoke(id)).seen,
      await eyes.look(),
      (await eyes.invite()).seen,
    ]);
  }
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
});

/** Messages of PostgreSQL's protocol, each a type and what it holds. */
function messagesIn(chunks: readonly Buffer[]): [type: string, text: string][] {
  const bytes = Buffer.concat(chunks);
  const messages: [string, string][] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    messages.push([String.fromCharCode(bytes[at] ?? 0), bytes.toString('latin1', at + 5, end)]);
    at = end;
  }
  return messages;
}

test('the database is asked and answers the same whether or not there is an account, statement by statement', async () => {
  const own = await createTestDatabase();
  let passed: { client: Buffer[]; server: Buffer[] } = { client: [], server: [] };
  const proxy = await startCuttableProxy(own.url, (from, chunk) => passed[from].push(chunk));
  // One connection, and nobody publishes: nothing comes between the statements of a transaction.
  const url = new URL(proxy.url);
  url.searchParams.set('connection_limit', '1');
  const watched = await createTestApp({
    databaseUrl: url.href,
    env: { OUTBOX_RELAY: 'worker', REDIS_URL: testServers.redis() },
  });
  try {
    const [sender, person] = [await signUp(watched, 'Ada'), await signUp(watched, 'Pia')];
    const nobody = person.email.replace('pia', 'nob');
    // The first chunk begins the connection and is no message. Each statement was given a name when it was first used.
    const prepared = messagesIn(passed.client.slice(1)).filter(([type]) => type === 'P');
    const nameOf = (statement: string) =>
      prepared.map(([, text]) => text.split('\0')).find(([, text]) => text === statement)?.[0];
    const [begin, commit] = [nameOf('BEGIN'), nameOf('COMMIT')];
    const workFor = async (email: string) => {
      passed = { client: [], server: [] };
      await invite(sender, email);
      const asked = messagesIn(passed.client).map(
        ([type, text]) => type + text.replaceAll(email, 'ADDRESS').replaceAll(VARYING, '…'),
      );
      const [first, last] = [begin, commit].map((name) =>
        asked.findIndex((message) => message.startsWith(`B\0${name}\0`)),
      );
      const answered = messagesIn(passed.server);
      const [opened, closed] = ['BEGIN', 'COMMIT'].map((word) =>
        answered.findIndex(([type, text]) => type === 'C' && text.startsWith(word)),
      );
      return {
        asked: asked.slice(first, last),
        answered: answered.slice(opened, closed).map(([type]) => type),
      };
    };
    // Statements are prepared when they are first used.
    for (const email of ['first@example.com', 'second@example.com']) await workFor(email);
    const known = await workFor(person.email);
    expect(known.asked.filter((message) => message.startsWith('B')).length).toBeGreaterThan(6);
    expect(known.answered.filter((type) => type === 'C').length).toBeGreaterThan(6);
    expect(await workFor(nobody)).toEqual(known);
  } finally {
    await watched.close();
    await proxy.close();
    await own.drop();
  }
});

test('a refusal is not told: the organisation sees an open invitation, and its next ones do not arrive for 30 days', async () => {
  const people = [await signUp(app, 'Pia'), await signUp(app, 'Pam')] as const;
  const [refuser, waiter] = people;
  const seen: unknown[] = [];
  for (const person of people) {
    owner = await signUp(app, 'Ada');
    const eyes = eyesOn(person.email);
    const { id } = (await eyes.invite()).reply.json() as { id: string };
    if (person === refuser) await decline(person, id);
    seen.push([
      await eyes.look(),
      (await eyes.invite()).seen,
      (await eyes.revoke(id)).seen,
      (await eyes.invite()).seen,
      await eyes.look(),
    ]);
    expect(await sent(owner)).toHaveLength(1);
    expect(await received(person)).toHaveLength(person === refuser ? 0 : 1);
  }
  expect(seen[0]).toEqual(seen[1]);
  // The last organisation is the waiter's: the refusal concerns the one that was refused, nobody else.
  expect(await received(waiter)).toHaveLength(1);
  const other = await signUp(app, 'Olga');
  await invite(other, refuser.email);
  expect(await received(refuser)).toHaveLength(1);
});

test('a refusal counts 30 days from the day it was made, however often the organisation asks', async () => {
  const person = await signUp(app, 'Pia');
  await decline(person, (await invite(owner, person.email)).id);
  for (const days of [8, 8, 8]) {
    await daysGoBy(app, days);
    const hidden = await invite(owner, person.email);
    expect(await received(person)).toEqual([]);
    await expect(
      person.api.invitations.acceptInvitation({ params: { invitationId: hidden.id } }),
    ).rejects.toMatchObject({ status: 410 });
  }
  await daysGoBy(app, 8);
  const shown = await invite(owner, person.email);
  expect(await received(person)).toMatchObject([{ id: shown.id }]);
});

test('the person invited hears of it on every device; the organisation of what it did itself, of a refusal nothing', async () => {
  const person = await signUp(app, 'Pia');
  const [desk, phone, sender] = await Promise.all(
    [person, person, owner].map(({ accessToken }) => connectSocket(app.url, accessToken)),
  );
  if (!desk || !phone || !sender) throw new Error('not connected');
  open.push(desk, phone, sender);
  const overheard: unknown[] = [];
  sender.onAny((...args) => overheard.push(args));
  const own = ['members:changed', { orgId: owner.orgId }];
  // An answer on the same socket comes after everything the server has sent before.
  const settled = () => ask(sender, 'channel:leave', { orgId: owner.orgId, channelId: owner.orgId });
  const both = () => Promise.all([next(desk, 'invitation:changed'), next(phone, 'invitation:changed')]);

  let told = both();
  const { id } = await invite(owner, person.email);
  expect(await told).toEqual([{}, {}]);
  told = both();
  await revoke(owner, id);
  await told;
  told = both();
  const { id: second } = await invite(owner, person.email);
  await told;
  await settled();
  expect(overheard).toEqual([own, own, own]);
  told = both();
  await decline(person, second);
  await told;
  await settled();
  expect(overheard).toHaveLength(3);

  // What does not arrive is not announced either: the next thing that the person hears is of somebody else's.
  const heard: unknown[] = [];
  desk.onAny((...args) => heard.push(args));
  await revoke(owner, second);
  await next(desk, 'invitation:changed');
  await invite(owner, person.email);
  const other = await signUp(app, 'Olga');
  told = both();
  await invite(other, person.email);
  await told;
  expect(heard).toHaveLength(2);
  await settled();
  // Withdrawn and invited again: as many as for somebody who has not declined, and none of another organisation's.
  expect(overheard).toEqual([own, own, own, own, own]);
});

test('every member hears when somebody joins, gets another role, leaves or is removed; nobody else does', async () => {
  const [colleague, leaver, guest, stranger] = [
    await addColleague(app, owner, 'MEMBER', 'Mia'),
    await addColleague(app, owner, 'MEMBER', 'Lea'),
    await addColleague(app, owner, 'GUEST', 'Gus'),
    await signUp(app, 'Sam'),
  ];
  const [watcher, outsider] = await Promise.all(
    [guest, stranger].map(({ accessToken }) => connectSocket(app.url, accessToken)),
  );
  if (!watcher || !outsider) throw new Error('not connected');
  open.push(watcher, outsider);
  const overheard: string[] = [];
  outsider.onAny((name: string) => overheard.push(name));
  const params = { orgId: owner.orgId, userId: colleague.user.id };
  const change = (role: 'ADMIN' | 'MEMBER') => owner.api.organizations.changeRole({ params, body: { role } });
  const steps = [
    () => change('ADMIN'),
    () => owner.api.organizations.removeMember({ params }),
    () => leaver.api.organizations.leaveOrganization({ params: { orgId: owner.orgId } }),
    () => addColleague(app, owner, 'MEMBER', 'Nia'),
  ];
  for (const step of steps) {
    const told = next(watcher, 'members:changed');
    await step();
    expect(await told).toEqual({ orgId: owner.orgId });
  }
  await ask(outsider, 'channel:leave', { orgId: owner.orgId, channelId: owner.orgId });
  expect(overheard).toEqual([]);
});
