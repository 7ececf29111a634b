import { ApiError } from '../api-error.ts';
import { createBackoff } from './backoff.ts';
import * as change from './timeline.ts';
import type { Changes, Entry, Later, MessagePage, SyncMessage } from './types.ts';

/** The channel's routes and events, and what the surroundings give. */
export interface ChannelPorts<M extends SyncMessage> {
  /** The newest page, or the one before a page. */
  readonly list: (cursor?: string) => Promise<MessagePage<M>>;
  readonly changes: (after: number) => Promise<Changes<M>>;
  /** Asks to hear the channel; the reply has the channel's number, read after hearing began. May be repeated. */
  readonly join: () => Promise<{ readonly seq: number }>;
  readonly edit: (messageId: string, body: string) => Promise<M>;
  readonly remove: (messageId: string) => Promise<void>;
  readonly later: Later;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

export interface ChannelState<M extends SyncMessage> {
  /** `failed`: nothing could be read so far; it is tried again by itself. */
  readonly phase: 'loading' | 'ready' | 'failed';
  /** Why the last reading failed; undefined when it did not. */
  readonly error: unknown;
  /** Stored messages, oldest first. */
  readonly messages: readonly M[];
  readonly older: 'none' | 'idle' | 'loading' | 'failed';
  /** Connected, and yet the server refuses to send this channel's events. */
  readonly deaf: boolean;
}

export interface SyncLimits {
  /** How often the number is asked for although nothing seems to be missing, in milliseconds. */
  readonly checkMs: number;
  /** Further behind than this the newest page is read instead of every change. */
  readonly maxBehind: number;
  /** Entries that are kept aside while what comes before them is read. */
  readonly maxAside: number;
  /** With more messages than this the oldest are let go when nobody reads them. */
  readonly maxHeld: number;
}

export const SYNC_LIMITS: SyncLimits = { checkMs: 30_000, maxBehind: 500, maxAside: 500, maxHeld: 2_000 };

export type ChannelSync<M extends SyncMessage> = ReturnType<typeof createChannelSync<M>>;

/**
 * One channel, kept equal to the server's. Live entries are applied strictly by number; whatever is missing, for
 * whatever reason, is read by the last contiguous one until nothing is missing any more. Replies to own calls are
 * shown at once and prove nothing about what lies before them.
 */
export const createChannelSync = <M extends SyncMessage>(
  ports: ChannelPorts<M>,
  limits: SyncLimits = SYNC_LIMITS,
) => {
  const listeners = new Set<() => void>();
  const reading = createBackoff(ports);
  const joining = createBackoff(ports);
  let timeline: change.Timeline<M> | undefined;
  let state: ChannelState<M> = {
    phase: 'loading',
    error: undefined,
    messages: [],
    older: 'none',
    deaf: false,
  };
  /** Largest number of which anybody told. */
  let target = 0;
  let aside = new Map<number, Entry<M>>();
  /** Own messages that were answered before the channel was read. */
  let early: M[] = [];
  /** Entries that were applied since an older page was asked for. */
  let meanwhile: Entry<M>[] = [];
  let olderAsked = 0;
  let checkWanted = false;
  let reopenWanted = false;
  let working = false;
  let running = false;
  let connected = false;
  let stopCheck = () => {};

  const become = (next: Partial<ChannelState<M>>) => {
    state = { ...state, ...next };
    for (const listener of listeners) listener();
  };

  const take = (next: change.Timeline<M>, more: Partial<ChannelState<M>> = {}) => {
    const same = timeline?.held === next.held && timeline.deletedHere === next.deletedHere;
    timeline = next;
    target = Math.max(target, next.upTo);
    become({ ...(same ? {} : { messages: change.shown(next) }), ...more });
  };

  const olderOf = ({ olderCursor }: change.Timeline<M>) => (olderCursor === null ? 'none' : 'idle');

  const apply = (before: change.Timeline<M>, entry: Entry<M>) => {
    if (state.older === 'loading' && entry.seq > before.upTo) meanwhile.push(entry);
    return change.applied(before, entry);
  };

  /** Applies what was kept aside as far as it goes on where the timeline ends. */
  const drained = (from: change.Timeline<M>) => {
    let next = from;
    for (let entry = aside.get(next.upTo + 1); entry; entry = aside.get(next.upTo + 1)) {
      next = apply(next, entry);
    }
    aside = new Map([...aside].filter(([seq]) => seq > next.upTo));
    return next;
  };

  const open = async () => {
    const page = await ports.list();
    reopenWanted = false;
    const next = early.reduce(change.withOwn<M>, change.opened(page, timeline));
    early = [];
    // An older page that is being read belongs to the window before.
    olderAsked += 1;
    take(drained(next), { phase: 'ready', error: undefined, older: olderOf(next) });
  };

  const catchUp = async (after: number) => {
    const read = await ports.changes(after);
    if (!timeline) return;
    const next = drained(change.coveredUpTo(read.items.reduce(apply, timeline), read.seq));
    checkWanted ||= read.hasMore;
    take(next, { error: undefined });
    if (next.upTo === after && isBehind()) throw new Error(`nothing was given after ${after}`);
  };

  const step = async () => {
    const checking = checkWanted;
    checkWanted = false;
    try {
      if (!timeline || reopenWanted || target - timeline.upTo > limits.maxBehind) await open();
      else await catchUp(timeline.upTo);
      reading.reset();
    } catch (error) {
      checkWanted ||= checking;
      throw error;
    }
  };

  const isBehind = () => !timeline || reopenWanted || checkWanted || timeline.upTo < target;

  /** Reads until nothing is missing; one at a time. A failure is tried again until it succeeds. */
  const work = async () => {
    if (working) return;
    working = true;
    try {
      while (running && isBehind()) await step();
    } catch (error) {
      if (running) {
        become(timeline ? { error } : { phase: 'failed', error });
        reading.again(() => void work(), error);
      }
    } finally {
      working = false;
    }
  };

  const learn = (seq: number) => {
    target = Math.max(target, seq);
    if (isBehind()) void work();
  };

  const join = async () => {
    try {
      const { seq } = await ports.join();
      joining.reset();
      if (state.deaf) become({ deaf: false });
      learn(seq);
    } catch (error) {
      if (!running || !connected) return;
      become({ deaf: true });
      joining.again(() => void (connected && join()), error);
    }
  };

  /** Finds out whether anything is missing: over the connection where there is one, else by reading. */
  const check = () => {
    if (connected) void join();
    if (connected && !state.deaf) return;
    checkWanted = true;
    void work();
  };

  const checkRegularly = () => {
    stopCheck = ports.later(limits.checkMs, () => {
      check();
      checkRegularly();
    });
  };

  const whileThere = (call: (before: change.Timeline<M>) => change.Timeline<M>) => {
    if (timeline) take(call(timeline));
  };

  return {
    state: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    start: () => {
      running = true;
      checkRegularly();
      void work();
    },
    stop: () => {
      running = false;
      connected = false;
      stopCheck();
      reading.cancel();
      joining.cancel();
    },

    /** The connection stands, for the first time or again. */
    connected: () => {
      connected = true;
      joining.reset();
      void join();
    },
    disconnected: () => {
      connected = false;
      joining.cancel();
      if (state.deaf) become({ deaf: false });
    },

    /** Something may have been missed, or may work now: the tab is looked at again, the network is back, "Try again". */
    check: () => {
      reading.reset();
      if (!timeline || state.error !== undefined) void work();
      check();
    },

    /** The server told of a change. */
    entry: (entry: Entry<M>) => {
      if (timeline && entry.seq === timeline.upTo + 1) take(drained(apply(timeline, entry)));
      else if (entry.seq > (timeline?.upTo ?? 0) && aside.size < limits.maxAside) aside.set(entry.seq, entry);
      learn(entry.seq);
    },

    /** An own message was answered. */
    posted: (message: M) => {
      if (timeline) take(change.withOwn(timeline, message));
      else early.push(message);
    },

    /** Reads one older page, if there is one. */
    loadOlder: async () => {
      const cursor = timeline?.olderCursor;
      if (cursor == null || state.older === 'loading') return;
      meanwhile = [];
      olderAsked += 1;
      const asked = olderAsked;
      become({ older: 'loading' });
      try {
        const page = await ports.list(cursor);
        if (asked !== olderAsked || !timeline) return;
        const next = change.withOlder(timeline, page, meanwhile);
        take(next, { older: olderOf(next) });
      } catch {
        if (asked === olderAsked) become({ older: 'failed' });
      }
    },

    /** Lets go of old messages when there are many; for when the newest ones are on screen. */
    trim: () => {
      if (!timeline || timeline.held.size <= limits.maxHeld) return;
      reopenWanted = true;
      void work();
    },

    /** Rejects with the `ApiError` when it was not stored. */
    edit: async (messageId: string, body: string) => {
      const asOf = timeline?.held.get(messageId)?.asOf;
      const message = await ports.edit(messageId, body);
      whileThere((before) => change.withOwnEdit(before, message, asOf));
    },

    /** Rejects with the `ApiError` when it was not deleted. */
    remove: async (messageId: string) => {
      await ports.remove(messageId).catch((error: unknown) => {
        // Somebody else was faster.
        if (!(error instanceof ApiError && (error.status === 404 || error.status === 410))) throw error;
      });
      whileThere((before) => change.withOwnDeletion(before, messageId));
    },
  };
};
