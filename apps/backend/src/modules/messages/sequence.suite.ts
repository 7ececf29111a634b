import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestApp } from '../../testing/create-test-app.ts';
import { addColleague, type Person, signUp } from '../../testing/factories.ts';
import { createMembershipChanges } from '../../testing/membership-change.ts';

const uuid = () => crypto.randomUUID();

/** The tests of the numbers that the database gives to changes. They run directly and through PgBouncer. */
export function sequenceSuite(getApp: () => TestApp): void {
  let app: TestApp;
  let owner: Person;
  let colleague: Person;
  let channels = 0;

  beforeAll(async () => {
    app = getApp();
    owner = await signUp(app, 'Ada');
    colleague = await addColleague(app, owner, 'MEMBER', 'Grace');
  });

  const newChannel = async () => {
    channels += 1;
    const { id } = await owner.api.channels.createChannel({
      params: { orgId: owner.orgId },
      body: { name: `numbered-${channels}` },
    });
    return { orgId: owner.orgId, channelId: id };
  };
  type Place = Awaited<ReturnType<typeof newChannel>>;
  const post = (who: Person, params: Place, body: string, clientId: string = uuid()) =>
    who.api.messages.postMessage({ params, body: { body, clientId } });
  const edit = (who: Person, place: Place, messageId: string, body: string) =>
    who.api.messages.editMessage({ params: { ...place, messageId }, body: { body } });
  const remove = (who: Person, place: Place, messageId: string) =>
    who.api.messages.deleteMessage({ params: { ...place, messageId } });
  const changes = (params: Place, after: number, limit?: number) =>
    colleague.api.messages.listChanges({ params, query: { after, ...(limit && { limit }) } });

  describe('the numbers of a channel', () => {
    test('have no gap and no double, whoever posts, edits and deletes at the same time', async () => {
      const place = await newChannel();
      const first = await Promise.all(
        Array.from({ length: 20 }, (_, n) => post(n % 2 ? owner : colleague, place, `message ${n}`)),
      );
      const mine = first.filter(({ author }) => author.id === owner.user.id);
      const again = first[0]?.clientId;
      await Promise.all([
        ...mine.slice(0, 5).map(({ id }) => edit(owner, place, id, 'edited')),
        ...mine.slice(5).map(({ id }) => remove(owner, place, id)),
        ...Array.from({ length: 5 }, (_, n) => post(colleague, place, `later ${n}`)),
        // What changes nothing takes no number.
        ...Array.from({ length: 3 }, () => post(colleague, place, 'again', again)),
      ]);
      const rows = await app.platform.database.query<{ seq: bigint; changed: bigint; last: bigint }>(
        `SELECT m.seq, m.changed_seq AS changed, c.last_seq AS last FROM messages m
         JOIN channels c ON c.id = m.channel_id WHERE c.id = $1::uuid ORDER BY m.seq`,
        [place.channelId],
      );
      const numbers = new Set(rows.flatMap(({ seq, changed }) => [Number(seq), Number(changed)]));
      expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 35 }, (_, n) => n + 1));
      expect(Number(rows[0]?.last)).toBe(35);
    });

    test('order messages, whatever the clock of the process that stored them says', async () => {
      const place = await newChannel();
      const realNow = Date.now;
      const sent: string[] = [];
      try {
        for (const skewMs of [0, -300_000, 300_000, -120_000, 0]) {
          Date.now = () => realNow() + skewMs;
          sent.push((await post(owner, place, `clock ${skewMs}`)).id);
        }
      } finally {
        Date.now = realNow;
      }
      const page = await colleague.api.messages.listMessages({ params: place, query: { limit: 3 } });
      const rest = await colleague.api.messages.listMessages({
        params: place,
        query: { cursor: page.nextCursor ?? '' },
      });
      expect([...page.items, ...rest.items].map(({ id }) => id)).toEqual(sent.toReversed());
      const times = [...page.items, ...rest.items].map(({ createdAt }) => createdAt);
      expect(times).toEqual(times.toSorted().toReversed());
    });
  });

  describe('asking for changes', () => {
    test('gives what came after a number, page by page, each message once and as it is now', async () => {
      const place = await newChannel();
      const [a, b, c] = [
        await post(owner, place, 'a'),
        await post(owner, place, 'b'),
        await post(owner, place, 'c'),
      ];
      const { seq: known } = await colleague.api.messages.listMessages({ params: place });
      expect(known).toBe(3);
      await edit(owner, place, a.id, 'a1');
      const edited = await edit(owner, place, a.id, 'a2');
      await remove(owner, place, b.id);
      const d = await post(colleague, place, 'd');

      const first = await changes(place, known, 2);
      expect(first).toEqual({
        items: [
          { type: 'message', seq: 5, channelId: place.channelId, message: edited },
          { type: 'deleted', seq: 6, channelId: place.channelId, messageId: b.id },
        ],
        seq: 6,
        hasMore: true,
      });
      expect(await changes(place, first.seq)).toEqual({
        items: [{ type: 'message', seq: 7, channelId: place.channelId, message: d }],
        seq: 7,
        hasMore: false,
      });
      expect(await changes(place, 7)).toEqual({ items: [], seq: 7, hasMore: false });
      const everything = await changes(place, 0);
      expect(everything.items.map((entry) => entry.seq)).toEqual([c.seq, 5, 6, 7]);
    });

    test.each([
      ['after', { after: -1 }],
      ['after', { after: 1.5 }],
      ['limit', { after: 0, limit: 101 }],
    ])('with a wrong %s is refused', async (field, query) => {
      const place = await newChannel();
      await expect(colleague.api.messages.listChanges({ params: place, query })).rejects.toMatchObject({
        status: 400,
        problem: { errors: [{ in: 'query', field }] },
      });
    });

    test('of a page that this service has not given is refused by name', async () => {
      const place = await newChannel();
      await expect(
        colleague.api.messages.listMessages({ params: place, query: { cursor: 'x' } }),
      ).rejects.toMatchObject({ status: 400, problem: { errors: [{ in: 'query', field: 'cursor' }] } });
    });
  });

  describe('a deleted message', () => {
    test('stays deleted when its post is repeated late, and the sender is told', async () => {
      const place = await newChannel();
      const clientId = uuid();
      const { id } = await post(colleague, place, 'a secret', clientId);
      await remove(owner, place, id);
      const late = await Promise.allSettled(
        [1, 2, 3].map(() => post(colleague, place, 'a secret', clientId)),
      );
      for (const attempt of late)
        expect(attempt).toMatchObject({ status: 'rejected', reason: { status: 410, code: 'gone' } });
      const { items, seq } = await owner.api.messages.listMessages({ params: place });
      expect({ items, seq }).toEqual({ items: [], seq: 2 });
    });

    test('can be edited or deleted no more, and its text is nowhere in the database', async () => {
      const place = await newChannel();
      const text = `unique ${uuid()}`;
      const { id } = await post(owner, place, text);
      await edit(owner, place, id, `${text}, edited`);
      await remove(owner, place, id);
      await expect(edit(owner, place, id, 'again')).rejects.toMatchObject({ status: 404 });
      await expect(remove(owner, place, id)).rejects.toMatchObject({ status: 404 });
      const { database } = app.platform;
      const tables = await database.query<{ name: string }>(
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
      );
      expect(tables.length).toBeGreaterThan(5);
      for (const { name } of tables) {
        const found = await database.query(`SELECT 1 FROM ${name} AS t WHERE position($1 IN t::text) > 0`, [
          text,
        ]);
        expect([name, found]).toEqual([name, []]);
      }
    });
  });

  describe('a role', () => {
    const memberships = createMembershipChanges(() => app);
    afterEach(() => memberships.end());

    test.each([
      ['demoted', "UPDATE memberships SET role = 'GUEST' WHERE user_id = $1::uuid", 403],
      ['removed', 'DELETE FROM memberships WHERE user_id = $1::uuid', 404],
      ['disabled', 'UPDATE users SET disabled_at = now() WHERE id = $1::uuid', 404],
    ])('of somebody %s meanwhile counts for the request that waits', async (_what, statement, status) => {
      const place = await newChannel();
      const person = await addColleague(app, owner, 'MEMBER', 'Linus');
      const { id } = await post(person, place, 'before');
      const finish = await memberships.begin(person.user.id, statement);
      const attempts = [
        () => post(person, place, 'after'),
        () => edit(person, place, id, 'after'),
        () => remove(person, place, id),
      ].map((attempt) => attempt().catch((error: unknown) => error));
      await memberships.untilWaiting(3);
      await finish();
      for (const error of await Promise.all(attempts)) expect(error).toMatchObject({ status });
      expect((await changes(place, 1)).items).toEqual([]);
    });
  });
}
