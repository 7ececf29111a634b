import { beforeEach, describe, expect, test } from '@jest/globals';
import { ApiError } from '@plinth/client/core';
import type { Message } from '@plinth/contracts';
import { createConversation, MAX_HELD } from './conversation.ts';

const unreachable = new ApiError({
  type: 'about:blank',
  title: 'No connection',
  status: 0,
  detail: 'no connection',
  code: 'unreachable',
});

/** A channel in memory, in the place of the API. */
const createChannel = () => {
  const stored: Message[] = [];
  let next = 0;
  const channel = {
    stored,
    down: undefined as ApiError | undefined,
    /** Ids of the sent messages in the order in which they arrived. */
    received: [] as string[],
    listed: 0,
    store: (body: string, clientId = `other-${next}`): Message => {
      const known = stored.find((message) => message.clientId === clientId);
      if (known) return known;
      next += 1;
      const createdAt = new Date(1_800_000_000_000 + next).toISOString();
      const author = { id: 'ada', name: 'Ada' };
      const message = {
        id: `id-${next}`,
        channelId: 'c',
        seq: next,
        author,
        body,
        clientId,
        createdAt,
        editedAt: null,
      };
      stored.push(message);
      return message;
    },
  };
  async function answer<T>(make: () => T): Promise<T> {
    await Promise.resolve();
    if (channel.down) throw channel.down;
    return make();
  }
  let ids = 0;
  const conversation = createConversation({
    list: (cursor) =>
      answer(() => {
        channel.listed += 1;
        const newestFirst = stored.toReversed();
        const from = cursor === undefined ? 0 : newestFirst.findIndex(({ id }) => id === cursor) + 1;
        const items = newestFirst.slice(from, from + 2);
        const last = items.at(-1);
        return { items, nextCursor: last && from + 2 < stored.length ? last.id : null };
      }),
    post: ({ body, clientId }) => {
      channel.received.push(clientId);
      return answer(() => channel.store(body, clientId));
    },
    edit: (id, body) =>
      answer(() => {
        const at = stored.findIndex((message) => message.id === id);
        const message = { ...(stored[at] as Message), body, editedAt: '2027-02-01T00:00:00.000Z' };
        stored[at] = message;
        return message;
      }),
    remove: (id) =>
      answer(() => {
        const at = stored.findIndex((message) => message.id === id);
        stored.splice(at, 1);
      }),
    newId: () => {
      ids += 1;
      return `mine-${ids}`;
    },
    now: () => new Date(1_900_000_000_000).toISOString(),
  });
  return { channel, conversation };
};

let channel: ReturnType<typeof createChannel>['channel'];
let conversation: ReturnType<typeof createConversation>;
const bodies = () => conversation.state().messages.map(({ body }) => body);

beforeEach(() => {
  ({ channel, conversation } = createChannel());
});

describe('reading', () => {
  test('begins with the newest page and goes back page by page to the beginning', async () => {
    for (const body of ['a', 'b', 'c', 'd', 'e']) channel.store(body);
    await conversation.bringUpToDate();
    expect(bodies()).toEqual(['d', 'e']);
    await conversation.loadOlder();
    await conversation.loadOlder();
    expect(bodies()).toEqual(['a', 'b', 'c', 'd', 'e']);
    await conversation.loadOlder();
    expect(channel.listed).toBe(3);
  });

  test('says what went wrong and works when it is tried again', async () => {
    channel.down = unreachable;
    await conversation.bringUpToDate();
    expect(conversation.state()).toMatchObject({ phase: 'failed', error: unreachable });
    channel.down = undefined;
    channel.store('a');
    await conversation.bringUpToDate();
    expect(conversation.state()).toMatchObject({ phase: 'ready', error: undefined });
    expect(bodies()).toEqual(['a']);
  });

  test('after a disconnection closes the gap over several pages', async () => {
    channel.store('a');
    await conversation.bringUpToDate();
    for (const body of ['b', 'c', 'd', 'e', 'f']) channel.store(body);
    await conversation.bringUpToDate();
    expect(bodies()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  test('is repeated when a reason for it comes up while it is going on', async () => {
    const first = conversation.bringUpToDate();
    await Promise.all([first, conversation.bringUpToDate(), conversation.bringUpToDate()]);
    expect(channel.listed).toBe(2);
  });

  test('lets go of old messages when very many are on screen', async () => {
    await conversation.bringUpToDate();
    for (let count = 0; count <= MAX_HELD; count += 1) conversation.onCreated(channel.store(`text ${count}`));
    await conversation.trim();
    expect(bodies()).toEqual([`text ${MAX_HELD - 1}`, `text ${MAX_HELD}`]);
    await conversation.loadOlder();
    expect(bodies()).toHaveLength(4);
  });
});

describe('sending', () => {
  beforeEach(() => conversation.bringUpToDate());

  test('shows the message at once and once', async () => {
    const sent = conversation.send('hello');
    expect(conversation.state().outgoing).toMatchObject([{ body: 'hello' }]);
    await sent;
    expect(conversation.state().outgoing).toEqual([]);
    expect(bodies()).toEqual(['hello']);
  });

  test('keeps the order in which messages were written', async () => {
    await Promise.all(['a', 'b', 'c'].map((body) => conversation.send(body)));
    expect(channel.stored.map(({ body }) => body)).toEqual(['a', 'b', 'c']);
  });

  test('that failed can be repeated, under the same id', async () => {
    channel.down = unreachable;
    await conversation.send('hello');
    expect(conversation.state().outgoing).toMatchObject([{ body: 'hello', error: unreachable }]);
    channel.down = undefined;
    await conversation.retry('mine-1');
    expect(channel.received).toEqual(['mine-1', 'mine-1']);
    expect(bodies()).toEqual(['hello']);
  });

  test('whose reply got lost does not store the message twice', async () => {
    channel.down = unreachable;
    const sent = conversation.send('hello');
    channel.store('hello', 'mine-1');
    await sent;
    channel.down = undefined;
    await conversation.retry('mine-1');
    expect(channel.stored).toHaveLength(1);
    expect(bodies()).toEqual(['hello']);
  });

  test('that failed can be given up', async () => {
    channel.down = unreachable;
    await conversation.send('hello');
    conversation.discard('mine-1');
    expect(conversation.state().outgoing).toEqual([]);
  });

  test('is repeated by itself when only the connection was missing', async () => {
    channel.down = unreachable;
    await conversation.send('hello');
    channel.down = undefined;
    const stored = new Promise<void>((resolve) => {
      conversation.subscribe(() => conversation.state().messages.length === 1 && resolve());
    });
    conversation.retryUnanswered();
    await stored;
    expect(bodies()).toEqual(['hello']);
  });
});

describe('changing', () => {
  beforeEach(async () => {
    channel.store('a');
    await conversation.bringUpToDate();
  });

  test('an edited message shows its new text', async () => {
    await conversation.edit('id-1', 'better');
    expect(bodies()).toEqual(['better']);
  });

  test('an edit that was not stored is reported and changes nothing', async () => {
    channel.down = unreachable;
    await expect(conversation.edit('id-1', 'better')).rejects.toBe(unreachable);
    expect(bodies()).toEqual(['a']);
  });

  test('a deleted message disappears', async () => {
    await conversation.remove('id-1');
    expect(bodies()).toEqual([]);
  });
});

describe('a live message is not lost when it arrives', () => {
  const read = () => conversation.bringUpToDate();

  test.each([
    ['before the first page', async () => {}, read],
    ['before what was missed', read, read],
    [
      'before an older page',
      async () => {
        for (const body of ['a', 'b', 'c']) channel.store(body);
        await read();
      },
      () => conversation.loadOlder(),
    ],
    ['before the reply to a message of our own', read, () => conversation.send('mine')],
  ])('%s', async (_, prepare, ask) => {
    await prepare();
    const live = channel.store('live');
    // The answers were made before it was stored.
    channel.stored.splice(channel.stored.indexOf(live), 1);
    const answer = ask();
    conversation.onCreated(live);
    await answer;
    expect(bodies()).toContain('live');
  });
});
