/** What the engine needs to know of a message; the contract's `Message` has it. */
export interface SyncMessage {
  readonly id: string;
  /** Number of its creation in the channel: its place in the order, never changed. */
  readonly seq: number;
  /** The sender's own id of it. */
  readonly clientId: string;
}

/** One change of a channel. Each channel numbers its changes 1, 2, 3 … in the order in which they were committed. */
export type Entry<M extends SyncMessage> =
  /** A message was written or edited: this is what it is now. */
  | { readonly type: 'message'; readonly seq: number; readonly message: M }
  | { readonly type: 'deleted'; readonly seq: number; readonly messageId: string };

/** A page of messages and the channel's number in the same snapshot. */
export interface MessagePage<M extends SyncMessage> {
  /** Newest first. */
  readonly items: readonly M[];
  readonly nextCursor: string | null;
  readonly seq: number;
}

/** What changed after a number, by number; a message that changed twice appears once, as it is now. */
export interface Changes<M extends SyncMessage> {
  readonly items: readonly Entry<M>[];
  /** The items are complete up to this number. */
  readonly seq: number;
  readonly hasMore: boolean;
}

/** Runs a task after `ms` milliseconds; returns its cancellation. */
export type Later = (ms: number, task: () => void) => () => void;
