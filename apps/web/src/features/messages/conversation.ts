import { ApiError } from '@plinth/client/core';
import type { Message } from '@plinth/contracts';
import * as change from './conversation-state.ts';
import { type ConversationState, emptyConversation, type Outgoing, type Page } from './conversation-state.ts';

/** The channel's routes, and what the browser gives. */
export interface ConversationPorts {
  readonly list: (cursor: string | undefined) => Promise<Page>;
  readonly post: (message: { body: string; clientId: string }) => Promise<Message>;
  readonly edit: (messageId: string, body: string) => Promise<Message>;
  readonly remove: (messageId: string) => Promise<void>;
  readonly newId: () => string;
  /** The present moment in ISO 8601. */
  readonly now: () => string;
}

/** At most so many pages are read to close the gap after a disconnection; beyond, older ones are loaded on demand. */
const MAX_CATCH_UP_PAGES = 5;

/** More messages than this are not kept on screen for long. */
export const MAX_HELD = 600;

export type Conversation = ReturnType<typeof createConversation>;

/** One channel as it is shown: what is stored, what is on its way, and the live changes to both. */
export const createConversation = (ports: ConversationPorts) => {
  const listeners = new Set<() => void>();
  let state = emptyConversation;
  let reading: Promise<void> | undefined;
  let readAgain = false;
  /** Messages are sent one after the other, so that they are stored in the order in which they were written. */
  let queue = Promise.resolve();

  /** What to become is worked out from the present `state`: after an `await`, never across one. */
  const become = (next: ConversationState) => {
    if (next === state) return;
    state = next;
    for (const listener of listeners) listener();
  };

  const readNewest = async (known: ReadonlySet<string>): Promise<Page> => {
    let page = await ports.list(undefined);
    const items = [...page.items];
    for (let pages = 1; pages < MAX_CATCH_UP_PAGES; pages += 1) {
      if (page.nextCursor === null || page.items.some(({ id }) => known.has(id))) break;
      page = await ports.list(page.nextCursor);
      items.push(...page.items);
    }
    return { items, nextCursor: page.nextCursor };
  };

  const readFirst = async () => {
    become({ ...state, phase: 'loading', error: undefined });
    try {
      const page = await ports.list(undefined);
      become(change.loaded(state, page));
    } catch (error) {
      become(change.loadFailed(state, error));
    }
  };

  const readMissed = async () => {
    const known = new Set(state.messages.map(({ id }) => id));
    try {
      const page = await readNewest(known);
      become(change.caughtUp(state, page, known));
    } catch {
      // Still no connection: what is on screen stays, and the next `online` reads again.
    }
  };

  const send = (outgoing: Outgoing) => {
    const { clientId, body } = outgoing;
    become(change.sending(state, outgoing));
    queue = queue.then(async () => {
      if (!state.outgoing.some((one) => one.clientId === clientId)) return;
      try {
        const message = await ports.post({ body, clientId });
        become(change.created(state, message));
      } catch (error) {
        become(change.sendFailed(state, clientId, error));
      }
    });
    return queue;
  };

  const retry = (clientId: string) => {
    const outgoing = state.outgoing.find((one) => one.clientId === clientId);
    if (outgoing?.error === undefined) return Promise.resolve();
    const { error: _, ...again } = outgoing;
    return send(again);
  };

  const readAll = async () => {
    do {
      readAgain = false;
      await (state.phase === 'ready' ? readMissed() : readFirst());
    } while (readAgain);
  };

  const bringUpToDate = (): Promise<void> => {
    // What is being read may be older than the reason for this call: it is read once more after that.
    readAgain = reading !== undefined;
    reading ??= readAll().finally(() => {
      reading = undefined;
    });
    return reading;
  };

  return {
    state: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    /** Reads the newest messages: all at first, later what was missed. Never rejects: see `state().error`. */
    bringUpToDate,

    /** Reads one older page, if there is one. */
    loadOlder: async () => {
      if (state.phase !== 'ready' || state.older === 'loading' || state.olderCursor === null) return;
      become({ ...state, older: 'loading' });
      try {
        const page = await ports.list(state.olderCursor);
        become(change.olderLoaded(state, page));
      } catch {
        become({ ...state, older: 'failed' });
      }
    },

    /** Lets go of old messages when there are many; for when the newest ones are on screen. */
    trim: async () => {
      if (state.messages.length <= MAX_HELD || reading) return;
      const known = new Set(state.messages.map(({ id }) => id));
      reading = ports
        .list(undefined)
        .then((page) => become(change.restarted(state, page, known)))
        .catch(() => {})
        .finally(() => {
          reading = undefined;
        });
      await reading;
    },

    /** Shows a message at once and stores it. Resolves when it is stored or has failed. */
    send: (body: string) => send({ clientId: ports.newId(), body, createdAt: ports.now() }),

    /** Sends a failed message again; the same id makes sure that it is stored once. */
    retry,

    /** Sends again what failed because nobody answered. */
    retryUnanswered: () => {
      for (const { clientId, error } of state.outgoing) {
        if (error instanceof ApiError && error.status === 0) void retry(clientId);
      }
    },

    discard: (clientId: string) => become(change.discarded(state, clientId)),

    /** Rejects with the `ApiError` when it was not stored. */
    edit: async (messageId: string, body: string) => {
      const message = await ports.edit(messageId, body);
      become(change.edited(state, message));
    },

    /** Rejects with the `ApiError` when it was not deleted. */
    remove: async (messageId: string) => {
      await ports.remove(messageId).catch((error: unknown) => {
        // Somebody else was faster.
        if (!(error instanceof ApiError && error.status === 404)) throw error;
      });
      become(change.deleted(state, messageId));
    },

    onCreated: (message: Message) => become(change.created(state, message)),
    onEdited: (message: Message) => become(change.edited(state, message)),
    onDeleted: (id: string) => become(change.deleted(state, id)),
  };
};
