import { beforeEach, describe, expect, test } from '@jest/globals';
import { ApiError } from '../api-error.ts';
import { createOutgoing, MAX_OUTGOING, type OutgoingMessages } from './outgoing.ts';
import { createShelf } from './storage.ts';
import { createKeyStore } from './testing/key-store.ts';
import { createClock, settle } from './testing/simulation.ts';

const failure = (status: number, detail = 'It failed.') =>
  new ApiError({ type: 'about:blank', title: 'Failed', status, detail, code: 'failed' });

const general = { orgId: 'org', channelId: 'general' };
const random = { orgId: 'org', channelId: 'random' };

let store: ReturnType<typeof createKeyStore>;
let clock: ReturnType<typeof createClock>;
/** What the server stored, by client id, in order. */
let stored: Map<string, string>;
let down: ApiError | undefined;
let answers: (() => void)[] | undefined;
let posts: number;
let ids = 0;
let lock: Promise<void>;

/** One page of the browser; several share store and lock. */
const createPage = (): OutgoingMessages<string> =>
  createOutgoing<string>({
    shelf: createShelf(store, 'ada:outgoing:'),
    post: async ({ channelId }, { body, clientId }) => {
      posts += 1;
      await Promise.resolve();
      if (down) throw down;
      stored.set(clientId, `${channelId}: ${body}`);
      if (answers) await new Promise<void>((resolve) => answers?.push(resolve));
      return body;
    },
    exclusively: (task) => {
      const run = lock.then(task);
      lock = run.catch(() => {});
      return run;
    },
    newId: () => {
      ids += 1;
      return `id-${ids}`;
    },
    now: clock.now,
    later: clock.later,
    random: () => 0.5,
  });

const waiting = (page: OutgoingMessages<string>) => page.state().items.map(({ body }) => body);
const arrived = () => [...stored.values()];

let page: OutgoingMessages<string>;
beforeEach(() => {
  store = createKeyStore();
  clock = createClock();
  stored = new Map();
  down = undefined;
  answers = undefined;
  posts = 0;
  lock = Promise.resolve();
  page = createPage();
  page.start();
});

test('messages are stored in the order of writing, over all channels', async () => {
  page.send(general, 'one');
  page.send(random, 'two');
  page.send(general, 'three');
  expect(waiting(page)).toEqual(['one', 'two', 'three']);
  await settle();
  expect(arrived()).toEqual(['general: one', 'random: two', 'general: three']);
  expect(waiting(page)).toEqual([]);
  expect(store.map.size).toBe(0);
});

describe('without a connection', () => {
  beforeEach(async () => {
    down = failure(0);
    page.send(general, 'one');
    page.send(random, 'two');
    await settle();
  });

  test('they wait, and go out by themselves when it is back', async () => {
    expect(waiting(page)).toEqual(['one', 'two']);
    expect(page.state().stopped).toBe(down);
    down = undefined;
    page.wake();
    await settle();
    expect(arrived()).toEqual(['general: one', 'random: two']);
    expect(page.state()).toEqual({ items: [], stopped: undefined, kept: true });
  });

  test('they are tried again although nobody says that it is back', async () => {
    down = undefined;
    await clock.pass(60_000);
    expect(arrived()).toHaveLength(2);
  });

  test('they survive a reload, under the same ids', async () => {
    const before = page.state().items.map(({ clientId }) => clientId);
    page.stop();
    down = undefined;
    const reloaded = createPage();
    reloaded.start();
    expect(waiting(reloaded)).toEqual(['one', 'two']);
    await settle();
    expect([...stored.keys()]).toEqual(before);
  });

  test('nothing is lost when the session ends, and nothing is sent', async () => {
    down = failure(401);
    page.wake();
    await settle();
    page.stop();
    await clock.pass(60_000);
    expect(store.map.size).toBe(2);
  });

  test('they can be discarded', async () => {
    const [first] = page.state().items;
    page.discard(first?.clientId ?? '');
    down = undefined;
    page.wake();
    await settle();
    expect(arrived()).toEqual(['random: two']);
  });

  test('and with signing out they are gone from the browser', () => {
    page.clear();
    expect(waiting(page)).toEqual([]);
    expect(store.map.size).toBe(0);
  });
});

describe('a refusal', () => {
  test('is kept with its reason, lets the others go on, and can be tried again', async () => {
    down = failure(403, 'You are a guest here.');
    page.send(general, 'one');
    await settle();
    down = undefined;
    page.send(random, 'two');
    await settle();
    expect(page.state().items).toMatchObject([{ body: 'one', refusal: 'You are a guest here.' }]);
    expect(arrived()).toEqual(['random: two']);

    const reloaded = createPage();
    reloaded.start();
    await settle();
    expect(reloaded.state().items).toMatchObject([{ refusal: 'You are a guest here.' }]);
    expect(arrived()).toHaveLength(1);
    reloaded.retry(reloaded.state().items[0]?.clientId ?? '');
    await settle();
    expect(arrived()).toEqual(['random: two', 'general: one']);
  });

  test('of the text says what is wrong with it', async () => {
    down = new ApiError({
      ...failure(422, 'These fields are not as they should be: body.').problem,
      errors: [{ in: 'body', field: 'body', message: 'Must have at most 40 characters' }],
    });
    page.send(general, 'one');
    await settle();
    expect(page.state().items).toMatchObject([{ refusal: 'Must have at most 40 characters.' }]);
  });

  test('because it was stored and deleted since removes it', async () => {
    down = failure(410);
    page.send(general, 'one');
    await settle();
    expect(waiting(page)).toEqual([]);
  });

  test('that asks to wait is obeyed', async () => {
    down = new ApiError({
      type: 'about:blank',
      title: 'Too many requests',
      status: 429,
      detail: 'Slow down.',
      code: 'rate_limited',
      retryAfter: 20,
    });
    page.send(general, 'one');
    await settle();
    await clock.pass(19_000);
    expect(posts).toBe(1);
    down = undefined;
    await clock.pass(2_000);
    expect(arrived()).toHaveLength(1);
  });
});

describe('two pages of one browser', () => {
  test('send each message once', async () => {
    down = failure(0);
    page.send(general, 'one');
    page.send(general, 'two');
    await settle();
    const other = createPage();
    other.start();
    await settle();
    down = undefined;
    posts = 0;
    page.wake();
    other.wake();
    await settle();
    await settle();
    expect(posts).toBe(2);
    expect(waiting(other)).toEqual([]);
  });

  test('see what the other one wrote, and send it when that one is gone', async () => {
    const other = createPage();
    other.start();
    down = failure(0);
    page.send(general, 'one');
    await settle();
    page.stop();
    down = undefined;
    other.changedElsewhere([...store.map.keys()][0] ?? '');
    expect(waiting(other)).toEqual(['one']);
    await settle();
    expect(arrived()).toEqual(['general: one']);
  });
});

test('the server may tell of a message before it answers the post', async () => {
  answers = [];
  page.send(general, 'one');
  await settle();
  const [item] = page.state().items;
  page.confirmed(item?.clientId ?? '');
  expect(waiting(page)).toEqual([]);
  answers[0]?.();
  await settle();
  expect(waiting(page)).toEqual([]);
});

test('who listens hears of a stored message while it still counts as outgoing: it is never nowhere', async () => {
  const seen: [string, number][] = [];
  page.onStored((_, message) => seen.push([message, page.state().items.length]));
  page.send(general, 'one');
  await settle();
  expect(seen).toEqual([['one', 1]]);
});

test('a browser that keeps nothing sends all the same, and says so', async () => {
  store = createKeyStore(0);
  page = createPage();
  page.start();
  down = failure(0);
  page.send(general, 'one');
  await settle();
  expect(page.state()).toMatchObject({ kept: false, items: [{ body: 'one' }] });
  down = undefined;
  page.wake();
  await settle();
  expect(page.state()).toEqual({ items: [], stopped: undefined, kept: true });
  expect(arrived()).toEqual(['general: one']);
});

test('what others left under the same name does no harm', async () => {
  store.map.set('ada:outgoing:x', '{"half":');
  store.map.set('ada:outgoing:y', '{"clientId":1}');
  page = createPage();
  page.start();
  expect(waiting(page)).toEqual([]);
});

test('more than the limit is not taken', async () => {
  down = failure(0);
  for (let count = 0; count < MAX_OUTGOING; count += 1) expect(page.send(general, `${count}`)).toBe(true);
  expect(page.send(general, 'one too many')).toBe(false);
  expect(waiting(page)).toHaveLength(MAX_OUTGOING);
});
