import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts';
import { addColleague, type Person, signUp } from '../../testing/factories.ts';
import { daysGoBy, invite, received, revoke } from '../../testing/invitations.ts';

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
    for (let n = 0; n < 8; n += 1) {
      const attempt = invite(mallory, victim.email);
      statuses.push(await statusOf(attempt));
      if (statuses.at(-1) === 201) await revoke(mallory, (await attempt).id);
    }
    expect(statuses).toEqual([201, 201, 201, 201, 201, 201, 429, 429]);
    await expect(invite(mallory, victim.email)).rejects.toMatchObject({
      status: 429,
      problem: { detail: expect.stringContaining('tomorrow') },
    });
    await daysGoBy(app, 1);
    expect(await statusOf(invite(mallory, victim.email))).toBe(201);
  });
});

test('many new accounts together neither flood an address nor keep established ones from inviting it', async () => {
  const victim = await signUp(app, 'Victim');
  const puppets = await Promise.all(Array.from({ length: 24 }, (_, n) => signUp(app, `Puppet${n}`)));
  const statuses = await Promise.all(puppets.map((puppet) => statusOf(invite(puppet, victim.email))));
  expect(statuses.filter((status) => status === 201)).toHaveLength(20);
  expect(statuses.filter((status) => status === 429)).toHaveLength(4);
  expect(await statusOf(invite(await established('Friend'), victim.email))).toBe(201);
  expect((await received(victim))[0]).toMatchObject({ invitedBy: { name: 'Friend' } });
});

test('an address that everybody invites is full at a hundred a day, with and without an account', async () => {
  const victim = await signUp(app, 'Victim');
  const friend = await established('Friend');
  for (const email of [victim.email, 'nobody-at-all@example.com']) {
    await app.platform.database.query(
      `WITH places AS (INSERT INTO organizations (id, name) SELECT gen_random_uuid(), 'Place' FROM generate_series(1, 100)
         RETURNING id)
       INSERT INTO invitations (id, org_id, email, role, expires_at)
       SELECT gen_random_uuid(), id, $1, 'MEMBER', now() + interval '7 days' FROM places`,
      [email],
    );
    await expect(invite(friend, email)).rejects.toMatchObject({ status: 429 });
  }
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
