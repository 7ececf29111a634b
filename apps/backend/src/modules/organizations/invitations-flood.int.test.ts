import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts';
import { addColleague, type Person, signUp } from '../../testing/factories.ts';
import { daysGoBy, decline, invite, received, revoke } from '../../testing/invitations.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const statusOf = (call: Promise<unknown>) =>
  call.then(
    () => 201,
    (error: { status?: number }) => error.status,
  );
/** One more organisation of the same person. */
const found = async (person: Person, name = 'Another') => {
  const { id } = await person.api.organizations.createOrganization({ body: { name } });
  return { ...person, orgId: id };
};
/** An account from long ago. */
const established = async (name: string) => {
  const person = await signUp(app, name);
  await app.platform.database.query(
    "UPDATE users SET created_at = created_at - interval '30 days' WHERE id = $1::uuid",
    [person.user.id],
  );
  return person;
};

describe('one person', () => {
  test('with forty organisations gets three invitations to somebody, at once or one by one', async () => {
    const [mallory, victim, friend] = [
      await signUp(app, 'Mallory'),
      await signUp(app, 'Victim'),
      await signUp(app, 'Friend'),
    ];
    const places = await Promise.all(Array.from({ length: 20 }, () => found(mallory)));
    const atOnce = await Promise.all(places.map((place) => statusOf(invite(place, victim.email))));
    expect(atOnce.filter((status) => status === 201)).toHaveLength(3);
    for (let n = 0; n < 20; n += 1)
      expect(await statusOf(invite(await found(mallory), victim.email))).toBe(409);
    const real = await invite(friend, victim.email);
    const list = await received(victim);
    expect(list).toHaveLength(4);
    expect(list[0]).toMatchObject({ id: real.id, invitedBy: { name: 'Friend' } });
  });

  test('cannot ring again and again by withdrawing and sending', async () => {
    const [mallory, victim] = [await signUp(app, 'Mallory'), await signUp(app, 'Victim')];
    const statuses: unknown[] = [];
    for (let n = 0; n < 22; n += 1) {
      const attempt = invite(mallory, victim.email);
      statuses.push(await statusOf(attempt));
      if (statuses.at(-1) === 201) await revoke(mallory, (await attempt).id);
    }
    expect(statuses).toEqual([...Array(20).fill(201), 429, 429]);
    await expect(invite(mallory, victim.email)).rejects.toMatchObject({
      status: 429,
      problem: { detail: 'You have invited this address 20 times today. Try again tomorrow.' },
    });
    await daysGoBy(app, 1);
    expect(await statusOf(invite(mallory, victim.email))).toBe(201);
  });
});

describe('many accounts together', () => {
  const puppets = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => signUp(app, `Puppet${n}`)));
  /** Many at once, each from an organisation and an account of its own, as the service would store them. */
  const flood = (email: string, priority: number, count: number) =>
    app.platform.database.query(
      `WITH places AS (INSERT INTO organizations (id, name) SELECT gen_random_uuid(), 'Place' FROM generate_series(1, $3)
         RETURNING id),
       people AS (INSERT INTO users (id, email, name, password_hash, updated_at)
         SELECT id, id || '@flood.example', 'Puppet', '', now() FROM places RETURNING id),
       inviters AS (INSERT INTO memberships (org_id, user_id, role) SELECT id, id, 'OWNER' FROM people)
       INSERT INTO invitations (id, org_id, email, role, invited_by, priority, expires_at)
       SELECT gen_random_uuid(), id, $1, 'MEMBER', id, $2, now() + interval '7 days' FROM people`,
      [email, priority, count],
    );
  const names = async (person: Person) => (await received(person)).map(({ invitedBy }) => invitedBy.name);

  test('are refused nothing, and keep nobody from inviting, whether there is an account or not', async () => {
    const victim = await signUp(app, 'Victim');
    const all = await puppets(24);
    for (const email of [victim.email, 'nobody-at-all@example.com']) {
      const statuses: unknown[] = [];
      for (const puppet of all) {
        const invitation = await invite(puppet, email);
        statuses.push(await statusOf(revoke(puppet, invitation.id)));
        statuses.push(await statusOf(invite(puppet, email)));
      }
      await flood(email, 0, 200);
      for (const friend of [await signUp(app, 'NewFriend'), await established('OldFriend')])
        statuses.push(await statusOf(invite(friend, email)));
      expect(new Set(statuses)).toEqual(new Set([201]));
    }
  });

  test('stand behind a real one, from before the flood, after it, or of an established account', async () => {
    const victim = await signUp(app, 'Victim');
    await invite(await signUp(app, 'EarlyFriend'), victim.email);
    for (const puppet of await puppets(22)) await invite(puppet, victim.email);
    await flood(victim.email, 0, 1040);
    await invite(await signUp(app, 'LateFriend'), victim.email);
    await invite(await established('OldFriend'), victim.email);
    const list = await names(victim);
    expect(list[0]).toBe('OldFriend');
    expect(list[20]).toBe('EarlyFriend');
    expect(list[21]).toBe('LateFriend');
  });

  test('of established accounts are many at some time as well: then the latest follow the first twenty', async () => {
    const victim = await signUp(app, 'Victim');
    await flood(victim.email, 3, 20);
    await flood(victim.email, 1, 100);
    await invite(await established('OldFriend'), victim.email);
    expect((await names(victim))[20]).toBe('OldFriend');
  });

  test('what is withdrawn or declined takes no place from others', async () => {
    const victim = await signUp(app, 'Victim');
    for (const [n, puppet] of (await puppets(20)).entries()) {
      const { id } = await invite(puppet, victim.email);
      if (n % 2) await revoke(puppet, id);
      else await decline(victim, id);
    }
    const late = await invite(await signUp(app, 'Friend'), victim.email);
    await flood(victim.email, 0, 100);
    expect((await received(victim))[0]?.id).toBe(late.id);
  });

  test('the whole list can be read page by page, each one once', async () => {
    const victim = await signUp(app, 'Victim');
    for (const priority of [0, 3, 1, 2]) await flood(victim.email, priority, 15);
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await victim.api.invitations.listMyInvitations({
        query: { limit: 7, ...(cursor && { cursor }) },
      });
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect([ids.length, new Set(ids).size]).toEqual([60, 60]);
  });
});

describe('a budget', () => {
  let limited: TestApp;
  beforeAll(async () => {
    limited = await createTestApp({
      env: { RATE_LIMIT_INVITATIONS: '3/hour', RATE_LIMIT_ORGANIZATIONS: '2/day' },
    });
  });
  afterAll(() => limited.close());
  const email = (n: number) => `somebody-${n}@example.com`;

  test('of invitations counts those of a person in all organisations, refused ones too', async () => {
    const person = await signUp(limited, 'Ada');
    expect(await statusOf(invite(person, email(1)))).toBe(201);
    expect(await statusOf(invite(person, email(1)))).toBe(409);
    expect(await statusOf(invite(await found(person), email(2)))).toBe(201);
    await expect(invite(person, email(3))).rejects.toMatchObject({
      status: 429,
      problem: { code: 'rate_limited', detail: expect.stringMatching(/Try again in \d+ seconds/) },
      retryAfter: expect.any(Number),
    });
    expect(await statusOf(invite(await signUp(limited, 'Bob'), email(3)))).toBe(201);
  });

  test('of invitations counts those of an organisation, whoever sends', async () => {
    const owner = await signUp(limited, 'Olga');
    const join = (inviter: Person, name: string) => addColleague(limited, inviter, 'ADMIN', name);
    const first = [await join(owner, 'A'), await join(owner, 'B'), await join(owner, 'C')] as const;
    const [fourth, fifth] = [await join(first[0], 'D'), await join(first[0], 'E')];
    // Five of the fifteen are used up; of its own three each has as many as it did not need for its colleagues.
    const senders = [
      first[0],
      ...Array(3).fill(first[1]),
      ...Array(3).fill(first[2]),
      ...Array(3).fill(fourth),
    ];
    for (const [n, sender] of senders.entries())
      expect([n, await statusOf(invite(sender, email(n)))]).toEqual([n, 201]);
    expect(await statusOf(invite(fifth, email(99)))).toBe(429);
  });

  test('of new organisations counts those that one person founds', async () => {
    const person = await signUp(limited, 'Fay');
    await found(person);
    await found(person);
    await expect(found(person)).rejects.toMatchObject({ status: 429, problem: { code: 'rate_limited' } });
    await found(await signUp(limited, 'Gil'));
  });
});
