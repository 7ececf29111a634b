import type { Message } from '@plinth/contracts';

/** A message of our own that the server has not confirmed. */
export interface Outgoing {
  readonly clientId: string;
  readonly body: string;
  readonly createdAt: string;
  /** Why it was not stored; undefined while it is on its way. */
  readonly error?: unknown;
}

export interface ConversationState {
  readonly phase: 'loading' | 'ready' | 'failed';
  readonly error?: unknown;
  /** Stored messages, oldest first. */
  readonly messages: readonly Message[];
  readonly outgoing: readonly Outgoing[];
  /** Cursor of the next older page; null when the beginning is reached. */
  readonly olderCursor: string | null;
  readonly older: 'idle' | 'loading' | 'failed';
  /** Deleted ones: a reply that was on its way meanwhile must not bring them back. */
  readonly gone: ReadonlySet<string>;
}

export interface Page {
  /** Newest first. */
  readonly items: readonly Message[];
  readonly nextCursor: string | null;
}

export const emptyConversation: ConversationState = {
  phase: 'loading',
  messages: [],
  outgoing: [],
  olderCursor: null,
  older: 'idle',
  gone: new Set(),
};

/** How many deleted ids are remembered. */
const MAX_GONE = 500;

const byTime = (a: Message, b: Message): number => {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  return a.id < b.id ? -1 : 1;
};

/** The later one of two versions of the same message. */
const newer = (a: Message, b: Message): Message => ((b.editedAt ?? '') >= (a.editedAt ?? '') ? b : a);

/** Takes up messages in whatever order and however often they arrive: one of each id stays, in order of time. */
const merged = (state: ConversationState, arrived: readonly Message[]): ConversationState => {
  const byId = new Map(state.messages.map((message) => [message.id, message]));
  for (const message of arrived) {
    if (state.gone.has(message.id)) continue;
    const known = byId.get(message.id);
    byId.set(message.id, known ? newer(known, message) : message);
  }
  const confirmed = new Set(arrived.map(({ clientId }) => clientId));
  return {
    ...state,
    messages: [...byId.values()].sort(byTime),
    outgoing: state.outgoing.filter(({ clientId }) => !confirmed.has(clientId)),
  };
};

/** The newest page arrived for the first time. */
export const loaded = (state: ConversationState, page: Page): ConversationState => ({
  ...merged(state, page.items),
  phase: 'ready',
  error: undefined,
  olderCursor: page.nextCursor,
});

export const loadFailed = (state: ConversationState, error: unknown): ConversationState => ({
  ...state,
  phase: 'failed',
  error,
});

/** The page before the oldest one arrived. */
export const olderLoaded = (state: ConversationState, page: Page): ConversationState => ({
  ...merged(state, page.items),
  older: 'idle',
  olderCursor: page.nextCursor,
});

/** Only what was read now stays, and what arrived since reading began; older messages are loaded on demand. */
export const restarted = (
  state: ConversationState,
  read: Page,
  known: ReadonlySet<string>,
): ConversationState =>
  loaded({ ...state, messages: state.messages.filter(({ id }) => !known.has(id)) }, read);

/**
 * The newest messages were read again after a time without live events. `known` holds the ids that were on screen
 * when reading began: one of them that lies in the range that was read and is not in it has been deleted. Where
 * what was read does not reach back to what was known, the older part is dropped rather than leave a hole.
 */
export const caughtUp = (
  state: ConversationState,
  read: Page,
  known: ReadonlySet<string>,
): ConversationState => {
  const oldest = read.items.at(-1);
  if (read.nextCursor === null || !oldest || !read.items.some(({ id }) => known.has(id))) {
    return restarted(state, read, known);
  }
  const older = state.messages.filter((message) => known.has(message.id) && byTime(message, oldest) < 0);
  const next = restarted(state, read, known);
  return { ...merged(next, older), olderCursor: state.olderCursor };
};

/** A message was stored: by us or by somebody else, told by the socket or by the reply. */
export const created = (state: ConversationState, message: Message): ConversationState =>
  merged(state, [message]);

/** A message changed. One that is not loaded stays so: showing it alone would leave a hole before it. */
export const edited = (state: ConversationState, message: Message): ConversationState =>
  state.messages.some(({ id }) => id === message.id) ? merged(state, [message]) : state;

export const deleted = (state: ConversationState, id: string): ConversationState => ({
  ...state,
  messages: state.messages.filter((message) => message.id !== id),
  gone: new Set([...state.gone, id].slice(-MAX_GONE)),
});

/** A message of ours is on its way, for the first time or again. */
export const sending = (state: ConversationState, outgoing: Outgoing): ConversationState => {
  const known = state.outgoing.some(({ clientId }) => clientId === outgoing.clientId);
  return {
    ...state,
    outgoing: known
      ? state.outgoing.map((one) => (one.clientId === outgoing.clientId ? outgoing : one))
      : [...state.outgoing, outgoing],
  };
};

export const sendFailed = (
  state: ConversationState,
  clientId: string,
  error: unknown,
): ConversationState => ({
  ...state,
  outgoing: state.outgoing.map((one) => (one.clientId === clientId ? { ...one, error } : one)),
});

export const discarded = (state: ConversationState, clientId: string): ConversationState => ({
  ...state,
  outgoing: state.outgoing.filter((one) => one.clientId !== clientId),
});
