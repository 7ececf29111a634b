import { beforeEach, describe, expect, test } from '@jest/globals';
import { createDrafts, type Drafts, MAX_DRAFT_LENGTH, MAX_DRAFTS } from './drafts.ts';
import { createShelf, type KeyStore } from './storage.ts';
import { createKeyStore } from './testing/key-store.ts';

let shared: ReturnType<typeof createKeyStore>;
let now: number;

const openPage = (own: KeyStore = createKeyStore()): Drafts =>
  createDrafts({
    shared: createShelf(shared, 'ada:draft:'),
    own: createShelf(own, 'ada:draft:'),
    now: () => {
      now += 1;
      return now;
    },
  });

/** Does something in one page and tells another one of the changes, as the browser does. */
const telling = (other: Drafts, act: () => void) => {
  const before = new Map(shared.map);
  act();
  for (const key of new Set([...before.keys(), ...shared.map.keys()])) {
    const change = { key, before: before.get(key) ?? null, after: shared.map.get(key) ?? null };
    if (change.before !== change.after) other.changedElsewhere(change);
  }
};

beforeEach(() => {
  shared = createKeyStore();
  now = 0;
});

test('a draft is kept by channel until it is sent', () => {
  const page = openPage();
  page.set('general', 'half a sent');
  page.set('random', 'other');
  expect(page.get('general')).toBe('half a sent');
  page.set('general', '');
  expect(page.get('general')).toBe('');
  expect(openPage().get('random')).toBe('other');
  expect(page.count()).toBe(1);
});

describe('two pages', () => {
  test('with different texts in one channel keep both, also over a reload', () => {
    const own = createKeyStore();
    const one = openPage(own);
    const two = openPage();
    telling(two, () => one.set('general', 'from one'));
    telling(one, () => two.set('general', 'from two'));
    expect(one.get('general')).toBe('from one');
    expect(openPage(own).get('general')).toBe('from one');
    expect(two.get('general')).toBe('from two');
    telling(two, () => one.set('general', ''));
    expect(two.get('general')).toBe('from two');
  });

  test('do not offer the same text again when one of them has sent it', () => {
    const own = createKeyStore();
    const one = openPage(own);
    const two = openPage();
    one.set('general', 'hello');
    expect(two.get('general')).toBe('hello');
    telling(one, () => two.set('general', ''));
    expect(one.get('general')).toBe('');
    expect(openPage(own).get('general')).toBe('');
  });

  test('tell each other where only one of them has written', () => {
    const two = openPage();
    const told: string[] = [];
    two.subscribe((channel) => told.push(channel));
    telling(two, () => openPage().set('general', 'from one'));
    expect(told).toEqual(['general']);
    expect(two.get('general')).toBe('from one');
  });
});

test('a browser that keeps nothing still has the draft in this page, and it is said', () => {
  shared = createKeyStore(0);
  const page = openPage(createKeyStore(0));
  expect(page.set('general', 'text')).toBe(false);
  expect(page.get('general')).toBe('text');
});

test('what is far too long for a message is not kept, and it is said', () => {
  const page = openPage();
  expect(page.set('general', 'x'.repeat(MAX_DRAFT_LENGTH + 1))).toBe(false);
  expect(shared.map.size).toBe(0);
});

test('the oldest drafts go when there are very many', () => {
  const page = openPage();
  for (let number = 0; number <= MAX_DRAFTS; number += 1) page.set(`channel ${number}`, 'text');
  const other = openPage();
  expect(other.get('channel 0')).toBe('');
  expect(other.get('channel 1')).toBe('text');
  expect(shared.map.size).toBe(MAX_DRAFTS);
});

test('with signing out everything is gone', () => {
  const page = openPage();
  page.set('general', 'text');
  page.clear();
  expect(page.get('general')).toBe('');
  expect(shared.map.size).toBe(0);
  expect(page.count()).toBe(0);
});

test('what others left under the same name does no harm', () => {
  shared.map.set('ada:draft:general', 'no json');
  expect(openPage().get('general')).toBe('');
  expect(openPage().count()).toBe(0);
});
