import { type ForeignChange, parsed, type Shelf } from './storage.ts';

interface Draft {
  readonly text: string;
  /** When it was changed last, in milliseconds since 1970. */
  readonly at: number;
}

export interface DraftsPorts {
  /** Outlives this page and is shared with other pages of the browser. */
  readonly shared: Shelf;
  /** Outlives a reload of this page and belongs to it alone. */
  readonly own: Shelf;
  readonly now: () => number;
}

/** Drafts that are kept for one person; beyond, the oldest go. */
export const MAX_DRAFTS = 50;
/** Longer ones are not kept, in UTF-16 units: several times what a message may have. */
export const MAX_DRAFT_LENGTH = 40_000;

const isDraft = (value: unknown): value is Draft =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<Draft>).text === 'string' &&
  typeof (value as Partial<Draft>).at === 'number';

const textOf = (value: unknown): string | undefined => (isDraft(value) ? value.text : undefined);

export type Drafts = ReturnType<typeof createDrafts>;

/**
 * What somebody has begun to write, by channel. Two pages that write in the same channel keep one text each: the
 * own one comes before the shared one, and a page takes over what another one did only where it has written nothing
 * itself.
 */
export const createDrafts = ({ shared, own, now }: DraftsPorts) => {
  const listeners = new Set<(channel: string) => void>();
  /** Texts of this page, also where the browser keeps nothing. */
  const here = new Map<string, string>();

  const tell = (channel: string) => {
    for (const listener of listeners) listener(channel);
  };

  const get = (channel: string): string =>
    here.get(channel) ?? textOf(own.get(channel)) ?? textOf(shared.get(channel)) ?? '';

  const dropOldest = () => {
    for (const shelf of [shared, own]) {
      const drafts = shelf.entries().map(([name, value]) => ({ name, at: isDraft(value) ? value.at : 0 }));
      for (const { name } of drafts.sort((a, b) => b.at - a.at).slice(MAX_DRAFTS - 1)) shelf.remove(name);
    }
  };

  const clear = (channel: string) => {
    // What another page wrote is not ours to remove.
    if (textOf(shared.get(channel)) === get(channel)) shared.remove(channel);
    own.remove(channel);
    here.delete(channel);
  };

  return {
    get,
    /** False when the text exists in this page only: the browser keeps nothing, or it is too long. */
    set: (channel: string, text: string): boolean => {
      if (text === '') {
        clear(channel);
        return true;
      }
      here.set(channel, text);
      if (text.length > MAX_DRAFT_LENGTH) return false;
      const draft = { text, at: now() };
      own.set(channel, draft);
      if (shared.get(channel) === undefined) dropOldest();
      return shared.set(channel, draft);
    },

    /** How many channels have a text that was begun. */
    count: (): number => {
      const names = [...shared.entries(), ...own.entries()].filter(([, value]) => isDraft(value));
      return new Set([...here.keys(), ...names.map(([name]) => name)]).size;
    },

    /** Hears of channels whose text another page changed; returns the end of hearing. */
    subscribe: (listener: (channel: string) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    changedElsewhere: ({ key, before, after }: ForeignChange) => {
      const channel = shared.nameOf(key);
      if (channel === undefined) return;
      const mine = here.get(channel) ?? textOf(own.get(channel));
      if (mine !== undefined) {
        // Written here as well: it goes only when the very same text was sent or discarded there.
        if (after !== null || mine !== textOf(parsed(before))) return;
        here.delete(channel);
        own.remove(channel);
      }
      tell(channel);
    },

    /** Discards everything, in this page and on the shelves. */
    clear: () => {
      const channels = [...here.keys()];
      for (const shelf of [shared, own]) for (const [name] of shelf.entries()) shelf.remove(name);
      here.clear();
      for (const channel of channels) tell(channel);
    },
  };
};
