import { ApiError, CLIENT_CODES } from '../api-error.ts';
import { createBackoff } from './backoff.ts';
import type { Shelf } from './storage.ts';
import type { Later } from './types.ts';

export interface Place {
  readonly orgId: string;
  readonly channelId: string;
}

/** A message that was written and that the server has not confirmed. */
export interface Outgoing extends Place {
  readonly clientId: string;
  readonly body: string;
  /** When it was written, ISO 8601. */
  readonly createdAt: string;
  /** Its place among all that were written, over all pages of this browser. */
  readonly order: number;
  /** The server's words, when it refused the message; it is not sent again by itself. */
  readonly refusal?: string;
}

export interface OutgoingState {
  /** In the order in which they were written. */
  readonly items: readonly Outgoing[];
  /** Why nothing can be sent at the moment; undefined when it can. */
  readonly stopped: unknown;
  /** False when some of them exist in this page only: the browser keeps nothing. */
  readonly kept: boolean;
}

/** Why a message was not taken, in words for whoever wrote it. */
const wordsOf = (error: unknown): string => {
  if (error instanceof ApiError) return error.reason;
  return error instanceof Error ? error.message : String(error);
};

export interface OutgoingPorts<M> {
  readonly shelf: Shelf;
  readonly post: (place: Place, message: { readonly body: string; readonly clientId: string }) => Promise<M>;
  /** Runs one task at a time over all pages of this browser, where the browser can. */
  readonly exclusively: (task: () => Promise<void>) => Promise<void>;
  readonly newId: () => string;
  /** The present moment in milliseconds since 1970. */
  readonly now: () => number;
  readonly later: Later;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

/** More unsent messages than this are not taken. */
export const MAX_OUTGOING = 200;

/** No answer, or one that says "later" or "sign in": the message is as good as before. Everything else is final. */
const isPassing = (error: unknown): boolean =>
  error instanceof ApiError &&
  (error.code === CLIENT_CODES.unexpectedReply ||
    [0, 401, 408, 425, 429, 502, 503, 504].includes(error.status));

/** It was stored, and deleted since: there is nothing left to send. */
const isGone = (error: unknown): boolean => error instanceof ApiError && error.status === 410;

const isOutgoing = (value: unknown): value is Outgoing => {
  if (typeof value !== 'object' || value === null) return false;
  const { clientId, orgId, channelId, body, createdAt, order } = value as Partial<Outgoing>;
  return (
    [clientId, orgId, channelId, body, createdAt].every((part) => typeof part === 'string') &&
    typeof order === 'number'
  );
};

export type OutgoingMessages<M> = ReturnType<typeof createOutgoing<M>>;

/**
 * Everything that one person has written and that is not stored yet, over all channels. It is kept until the server
 * confirms it or the person discards it, and sent one after the other in the order of writing. The id that a message
 * gets when it is written makes a second sending harmless.
 */
export const createOutgoing = <M>(ports: OutgoingPorts<M>) => {
  const { shelf } = ports;
  const listeners = new Set<() => void>();
  const storedListeners = new Set<(place: Place, message: M) => void>();
  const backoff = createBackoff(ports);
  /** What could not be kept on the shelf. */
  const unkept = new Set<string>();
  let state: OutgoingState = { items: [], stopped: undefined, kept: true };
  let running = false;
  let sending = false;

  const become = (next: Partial<OutgoingState>) => {
    state = { ...state, ...next, kept: unkept.size === 0 };
    for (const listener of listeners) listener();
  };

  const put = (item: Outgoing) => {
    if (shelf.set(item.clientId, item)) unkept.delete(item.clientId);
    else unkept.add(item.clientId);
    const others = state.items.filter(({ clientId }) => clientId !== item.clientId);
    become({ items: [...others, item].sort((a, b) => a.order - b.order) });
  };

  const drop = (clientId: string) => {
    unkept.delete(clientId);
    if (!state.items.some((item) => item.clientId === clientId)) return;
    become({ items: state.items.filter((item) => item.clientId !== clientId) });
  };

  const forget = (clientId: string) => {
    shelf.remove(clientId);
    drop(clientId);
  };

  /** What the shelf holds, which other pages fill and empty as well. */
  const reload = () => {
    const onShelf = shelf
      .entries()
      .map(([, value]) => value)
      .filter(isOutgoing);
    const here = state.items.filter(({ clientId }) => unkept.has(clientId));
    become({ items: [...onShelf, ...here].sort((a, b) => a.order - b.order) });
  };

  /** Another page may have sent or discarded it meanwhile. */
  const isWanted = ({ clientId }: Outgoing) => unkept.has(clientId) || isOutgoing(shelf.get(clientId));

  const attempt = async (item: Outgoing): Promise<void> => {
    const { clientId, body, orgId, channelId } = item;
    try {
      const message = await ports.post({ orgId, channelId }, { body, clientId });
      for (const listener of storedListeners) listener({ orgId, channelId }, message);
      forget(clientId);
    } catch (error) {
      if (isPassing(error)) throw error;
      if (isGone(error)) forget(clientId);
      else if (state.items.some((one) => one.clientId === clientId)) {
        put({ ...item, refusal: wordsOf(error) });
      }
    }
  };

  const sendAll = async () => {
    const next = () => state.items.find(({ refusal }) => refusal === undefined);
    for (let item = next(); running && item; item = next()) {
      if (isWanted(item)) await attempt(item);
      else drop(item.clientId);
      backoff.reset();
      if (state.stopped !== undefined) become({ stopped: undefined });
    }
  };

  const work = async () => {
    if (sending || !running) return;
    sending = true;
    try {
      await ports.exclusively(sendAll);
    } catch (error) {
      if (running) {
        become({ stopped: error });
        backoff.again(() => void work(), error);
      }
    } finally {
      sending = false;
    }
  };

  return {
    state: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Hears of each message that was stored; returns the end of hearing. */
    onStored: (listener: (place: Place, message: M) => void) => {
      storedListeners.add(listener);
      return () => void storedListeners.delete(listener);
    },

    start: () => {
      running = true;
      reload();
      void work();
    },
    stop: () => {
      running = false;
      backoff.cancel();
    },

    /** Takes a message; false when too many wait already. It is shown from now on and sent as soon as possible. */
    send: (place: Place, body: string): boolean => {
      if (state.items.length >= MAX_OUTGOING) return false;
      const now = ports.now();
      const order = Math.max(now, (state.items.at(-1)?.order ?? 0) + 1);
      const createdAt = new Date(now).toISOString();
      put({ ...place, clientId: ports.newId(), body, createdAt, order });
      void work();
      return true;
    },

    /** Sends a refused message again. */
    retry: (clientId: string) => {
      const item = state.items.find((one) => one.clientId === clientId);
      if (!item) return;
      const { refusal: _, ...again } = item;
      put(again);
      void work();
    },

    discard: forget,

    /** There is a reason to try now: the connection is back. */
    wake: () => {
      backoff.reset();
      void work();
    },

    /** The server told of a message with this id, perhaps before it answered the post. */
    confirmed: (clientId: string) => {
      if (state.items.some((item) => item.clientId === clientId)) forget(clientId);
    },

    /** Another page changed the shelf. */
    changedElsewhere: (key: string) => {
      if (shelf.nameOf(key) === undefined) return;
      reload();
      void work();
    },

    /** Discards everything, in this page and on the shelf. */
    clear: () => {
      for (const [name] of shelf.entries()) shelf.remove(name);
      unkept.clear();
      become({ items: [], stopped: undefined });
    },
  };
};
