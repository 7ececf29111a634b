import { createShelf, type KeyStore, type Shelf } from '@plinth/client/sync';

/** The store is asked for at each use: where a browser forbids it, already naming it throws. */
const keyStoreOf = (storage: () => Storage): KeyStore => ({
  get: (key) => storage().getItem(key),
  set: (key, value) => storage().setItem(key, value),
  remove: (key) => storage().removeItem(key),
  keys: () => Object.keys(storage()),
});

const device = keyStoreOf(() => localStorage);
const tab = keyStoreOf(() => sessionStorage);

/** What one person has written and not sent, by kind. Nothing of another person is on these shelves. */
export const shelvesOf = (userId: string): Record<'outgoing' | 'drafts' | 'tabDrafts', Shelf> => ({
  outgoing: createShelf(device, `plinth:${userId}:outgoing:`),
  drafts: createShelf(device, `plinth:${userId}:draft:`),
  tabDrafts: createShelf(tab, `plinth:${userId}:draft:`),
});

/** What signing out deletes from this browser, in words. */
export const unsentOf = (userId: string): string | undefined => {
  const { outgoing, drafts } = shelvesOf(userId);
  const parts = [
    {
      count: outgoing.entries().length,
      one: 'a message that is not sent yet',
      many: 'messages that are not sent yet',
    },
    { count: drafts.entries().length, one: 'a draft', many: 'drafts' },
  ].filter(({ count }) => count > 0);
  if (parts.length === 0) return undefined;
  return parts.map(({ count, one, many }) => (count === 1 ? one : `${count} ${many}`)).join(' and ');
};
