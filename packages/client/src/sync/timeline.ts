import type { Entry, MessagePage, SyncMessage } from './types.ts';

interface Held<M> {
  readonly message: M;
  /** Number of the channel at which the message was like this: only a later entry changes it. */
  readonly asOf: number;
}

/** The loaded part of one channel: everything from the message `from` up to the change `upTo`, without holes. */
export interface Timeline<M extends SyncMessage> {
  readonly held: ReadonlyMap<string, Held<M>>;
  /** The last contiguous number: every change up to it is applied. Only entries and snapshots move it. */
  readonly upTo: number;
  /** Messages with a smaller number are not loaded; 0 when all are. */
  readonly from: number;
  readonly olderCursor: string | null;
  /** Deleted here, while the entry that says so is still to come. */
  readonly deletedHere: ReadonlySet<string>;
}

const heldOf = <M extends SyncMessage>(page: MessagePage<M>) =>
  page.items.map((message) => [message.id, { message, asOf: page.seq }] as const);

const fromOf = <M extends SyncMessage>({ items, nextCursor }: MessagePage<M>): number =>
  nextCursor === null ? 0 : (items.at(-1)?.seq ?? 0);

/** Begins anew with the newest page. Of what was held only own messages that are newer than the snapshot stay. */
export const opened = <M extends SyncMessage>(page: MessagePage<M>, before?: Timeline<M>): Timeline<M> => {
  const newer = [...(before?.held ?? [])].filter(([, { message }]) => message.seq > page.seq);
  const held = new Map([...newer, ...heldOf(page)]);
  return {
    held,
    upTo: page.seq,
    from: fromOf(page),
    olderCursor: page.nextCursor,
    deletedHere: new Set([...(before?.deletedHere ?? [])].filter((id) => held.has(id))),
  };
};

/** Applies one entry; one that is covered already changes nothing. Whether numbers are missing is the caller's care. */
export const applied = <M extends SyncMessage>(timeline: Timeline<M>, entry: Entry<M>): Timeline<M> => {
  if (entry.seq <= timeline.upTo) return timeline;
  const upTo = entry.seq;
  if (entry.type === 'deleted') {
    const { messageId } = entry;
    const deletedHere = new Set(timeline.deletedHere);
    deletedHere.delete(messageId);
    const held = new Map(timeline.held);
    held.delete(messageId);
    return { ...timeline, held, deletedHere, upTo };
  }
  const { message } = entry;
  const known = timeline.held.get(message.id);
  if (known ? known.asOf >= entry.seq : message.seq < timeline.from) return { ...timeline, upTo };
  return { ...timeline, held: new Map(timeline.held).set(message.id, { message, asOf: entry.seq }), upTo };
};

/** What was read is complete up to this number. */
export const coveredUpTo = <M extends SyncMessage>(timeline: Timeline<M>, seq: number): Timeline<M> =>
  seq > timeline.upTo ? { ...timeline, upTo: seq } : timeline;

/**
 * Adds the page before the oldest loaded one. `meanwhile` are the entries that were applied while it was being read:
 * they passed over messages that were not loaded then.
 */
export const withOlder = <M extends SyncMessage>(
  timeline: Timeline<M>,
  page: MessagePage<M>,
  meanwhile: readonly Entry<M>[],
): Timeline<M> => {
  const older = new Map(heldOf(page));
  for (const entry of meanwhile) {
    if (entry.seq <= page.seq) continue;
    if (entry.type === 'deleted') older.delete(entry.messageId);
    else if (older.has(entry.message.id)) {
      older.set(entry.message.id, { message: entry.message, asOf: entry.seq });
    }
  }
  return {
    ...timeline,
    held: new Map([...older, ...timeline.held]),
    from: fromOf(page),
    olderCursor: page.nextCursor,
  };
};

/**
 * Shows an own message as soon as its post is answered. It may lie beyond changes that have not arrived, so it never
 * moves `upTo`; one that is covered already is either held or has been deleted since.
 */
export const withOwn = <M extends SyncMessage>(timeline: Timeline<M>, message: M): Timeline<M> => {
  if (message.seq <= timeline.upTo || timeline.held.has(message.id)) return timeline;
  return { ...timeline, held: new Map(timeline.held).set(message.id, { message, asOf: message.seq }) };
};

/**
 * Shows an own edit as soon as it is answered. When an entry for the message arrived in between, the entry or the one
 * that is still to come is right: replies carry no number, and a clock orders nothing.
 */
export const withOwnEdit = <M extends SyncMessage>(
  timeline: Timeline<M>,
  message: M,
  asOf: number | undefined,
): Timeline<M> => {
  const known = timeline.held.get(message.id);
  if (!known || known.asOf !== asOf) return timeline;
  return { ...timeline, held: new Map(timeline.held).set(message.id, { message, asOf: known.asOf }) };
};

/** Hides a message as soon as its deletion is answered. */
export const withOwnDeletion = <M extends SyncMessage>(timeline: Timeline<M>, id: string): Timeline<M> =>
  timeline.held.has(id) ? { ...timeline, deletedHere: new Set(timeline.deletedHere).add(id) } : timeline;

/** What is shown, oldest first. */
export const shown = <M extends SyncMessage>({ held, deletedHere }: Timeline<M>): readonly M[] =>
  [...held.values()]
    .map(({ message }) => message)
    .filter(({ id }) => !deletedHere.has(id))
    .sort((a, b) => a.seq - b.seq);
