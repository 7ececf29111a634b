import { beforeAll, describe, expect, test } from '@jest/globals';
import type { TestApp } from '../../testing/create-test-app.ts';
import { addColleague, type Person, signUp } from '../../testing/factories.ts';
import { problemOf, send } from '../../testing/http.ts';

const uuid = () => crypto.randomUUID();

/** The tests of messages over REST. They run against PostgreSQL directly and through PgBouncer. */
export function messagesSuite(getApp: () => TestApp): void {
  let app: TestApp;
  let owner: Person;
  let colleague: Person;
  let guest: Person;
  let stranger: Person;
  let channelId: string;

  beforeAll(async () => {
    app = getApp();
    owner = await signUp(app, 'Ada');
    colleague = await addColleague(app, owner, 'MEMBER', 'Grace');
    guest = await addColleague(app, owner, 'GUEST', 'Guido');
    stranger = await signUp(app, 'Mallory');
    channelId = await createChannel('general');
  });

  const createChannel = async (name: string) =>
    (await owner.api.channels.createChannel({ params: { orgId: owner.orgId }, body: { name } })).id;
  const inChannel = (id = channelId) => ({ orgId: owner.orgId, channelId: id });
  const post = (who: Person, body: string, clientId = uuid(), id = channelId) =>
    who.api.messages.postMessage({ params: inChannel(id), body: { body, clientId } });
  const auditOf = (targetId: string) =>
    app.platform.database.prisma.auditEntry.findMany({ where: { targetId }, orderBy: { id: 'asc' } });

  describe('posting', () => {
    test('stores the message and shows it to everybody in the channel', async () => {
      const message = await post(owner, '  Hello\nworld 👋  ');
      expect(message).toMatchObject({
        body: 'Hello\nworld 👋',
        author: { id: owner.user.id, name: 'Ada' },
        editedAt: null,
      });
      const { items } = await colleague.api.messages.listMessages({ params: inChannel() });
      expect(items[0]).toEqual(message);
    });

    test('writes the audit entry and the event in the same transaction', async () => {
      const message = await post(owner, 'audited');
      expect(await auditOf(message.id)).toMatchObject([
        { action: 'message.posted', actorId: owner.user.id, orgId: owner.orgId },
      ]);
      const transactions = await app.platform.database.query<{ xmin: string }>(
        `SELECT xmin::text FROM audit_entries WHERE target_id = $1
         UNION SELECT xmin::text FROM messages WHERE id::text = $1
         UNION SELECT xmin::text FROM outbox_events WHERE payload->>'messageId' = $1`,
        [message.id],
      );
      expect(transactions).toHaveLength(1);
    });

    test('the same clientId three times at once stores one row and answers the same three times', async () => {
      const clientId = uuid();
      const answers = await Promise.all([1, 2, 3].map(() => post(owner, 'once', clientId)));
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
      expect(await app.platform.database.prisma.message.count({ where: { clientId } })).toBe(1);
      expect(await auditOf(answers[0]?.id ?? '')).toHaveLength(1);
    });

    test('a clientId that was used in another channel is a conflict, not a silent loss', async () => {
      const clientId = uuid();
      await post(owner, 'first', clientId);
      const other = await createChannel('other');
      await expect(post(owner, 'second', clientId, other)).rejects.toMatchObject({ status: 409 });
    });

    test.each([
      ['an empty text', { body: '   ' }, 'body'],
      ['too long a text', { body: 'x'.repeat(4001) }, 'body'],
      ['no clientId', { body: 'x', clientId: undefined }, 'clientId'],
      ['an author of its own choice', { body: 'x', authorId: uuid() }, 'authorId'],
    ])('with %s is refused, and the answer names the field', async (_what, change, field) => {
      const reply = await send(`${app.url}/api/v1/orgs/${owner.orgId}/channels/${channelId}/messages`, {
        headers: { authorization: `Bearer ${owner.accessToken}` },
        json: { clientId: uuid(), ...change },
      });
      expect(problemOf(reply)).toMatchObject({ status: 400, errors: [{ in: 'body', field }] });
    });

    test('is not for guests', async () => {
      await expect(post(guest, 'may I?')).rejects.toMatchObject({ status: 403 });
    });
  });

  describe('reading', () => {
    test('pages through everything once, newest first', async () => {
      const id = await createChannel('paged');
      const sent = [];
      for (let n = 0; n < 25; n += 1) sent.push((await post(owner, `message ${n}`, uuid(), id)).id);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await guest.api.messages.listMessages({
          params: inChannel(id),
          query: { limit: 10, cursor },
        });
        seen.push(...page.items.map((message) => message.id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect(seen).toEqual(sent.toReversed());
    });

    test('an empty channel is an empty page, an unknown one is not found', async () => {
      const id = await createChannel('empty');
      expect(await owner.api.messages.listMessages({ params: inChannel(id) })).toEqual({
        items: [],
        nextCursor: null,
        seq: 0,
      });
      await expect(owner.api.messages.listMessages({ params: inChannel(uuid()) })).rejects.toMatchObject({
        status: 404,
      });
    });

    test.each([0, 101, 1.5])('a page of %s is refused', async (limit) => {
      await expect(
        owner.api.messages.listMessages({ params: inChannel(), query: { limit } }),
      ).rejects.toMatchObject({ status: 400 });
    });
  });

  describe('editing and deleting', () => {
    test('the author changes the text; it says so', async () => {
      const { id } = await post(colleague, 'tpyo');
      const edited = await colleague.api.messages.editMessage({
        params: { ...inChannel(), messageId: id },
        body: { body: 'typo' },
      });
      expect(edited).toMatchObject({ id, body: 'typo', editedAt: expect.any(String) });
      expect((await auditOf(id)).map(({ action }) => action)).toEqual(['message.posted', 'message.edited']);
    });

    test('nobody edits the words of others, not even the owner', async () => {
      const { id } = await post(colleague, 'mine');
      const params = { ...inChannel(), messageId: id };
      await expect(owner.api.messages.editMessage({ params, body: { body: 'yours' } })).rejects.toMatchObject(
        { status: 403 },
      );
      await expect(guest.api.messages.editMessage({ params, body: { body: 'yours' } })).rejects.toMatchObject(
        { status: 403 },
      );
    });

    test('members delete their own, the owner any', async () => {
      const [own, other] = [await post(colleague, 'a'), await post(owner, 'b')];
      const remove = (who: Person, messageId: string) =>
        who.api.messages.deleteMessage({ params: { ...inChannel(), messageId } });
      await remove(colleague, own.id);
      await expect(remove(colleague, own.id)).rejects.toMatchObject({ status: 404 });
      await expect(remove(colleague, other.id)).rejects.toMatchObject({ status: 403 });
      const third = await post(colleague, 'c');
      await remove(owner, third.id);
      expect((await auditOf(third.id)).at(-1)).toMatchObject({
        action: 'message.deleted',
        actorId: owner.user.id,
      });
    });
  });

  describe('somebody from another organisation', () => {
    test('gets 404 for every address below this one, whatever the verb', async () => {
      const { id } = await post(owner, 'secret');
      const params = { ...inChannel(), messageId: id };
      const { messages, channels } = stranger.api;
      const attempts = await Promise.allSettled([
        messages.listMessages({ params: inChannel() }),
        messages.postMessage({ params: inChannel(), body: { body: 'hi', clientId: uuid() } }),
        messages.editMessage({ params, body: { body: 'hi' } }),
        messages.deleteMessage({ params }),
        channels.getChannel({ params: inChannel() }),
        channels.listChannels({ params: inChannel() }),
      ]);
      for (const attempt of attempts)
        expect(attempt).toMatchObject({ status: 'rejected', reason: { status: 404 } });
    });

    test('reaches nothing through their own organisation with foreign ids', async () => {
      const { id } = await post(owner, 'secret');
      const smuggled = { orgId: stranger.orgId, channelId, messageId: id };
      const { messages, channels } = stranger.api;
      const attempts = await Promise.allSettled([
        messages.listMessages({ params: smuggled }),
        messages.postMessage({ params: smuggled, body: { body: 'hi', clientId: uuid() } }),
        messages.editMessage({ params: smuggled, body: { body: 'hi' } }),
        messages.deleteMessage({ params: smuggled }),
        channels.getChannel({ params: smuggled }),
      ]);
      for (const attempt of attempts)
        expect(attempt).toMatchObject({ status: 'rejected', reason: { status: 404 } });
      const { items } = await owner.api.messages.listMessages({ params: inChannel() });
      expect(items.find((message) => message.id === id)?.body).toBe('secret');
    });
  });
}
