import type { Changes, Entry, MessagePage } from '../types.ts';

export interface TestMessage {
  readonly id: string;
  readonly seq: number;
  readonly clientId: string;
  readonly body: string;
}

interface Row {
  readonly message: TestMessage;
  readonly changedSeq: number;
  readonly deleted: boolean;
}

/** Thrown for a post whose message was deleted. */
export class Gone extends Error {}

/** One channel with the rules of the design: a number for each change, tombstones, idempotent posts. */
export const createFakeServer = () => {
  const rows = new Map<string, Row>();
  let seq = 0;
  const next = () => {
    seq += 1;
    return seq;
  };
  const alive = () =>
    [...rows.values()]
      .filter(({ deleted }) => !deleted)
      .map(({ message }) => message)
      .sort((a, b) => a.seq - b.seq);

  return {
    seq: () => seq,
    /** What everybody should see, oldest first. */
    alive,
    post: (clientId: string, body: string): { message: TestMessage; entry?: Entry<TestMessage> } => {
      const known = [...rows.values()].find(({ message }) => message.clientId === clientId);
      if (known?.deleted) throw new Gone();
      if (known) return { message: known.message };
      const number = next();
      const message = { id: `m${number}`, seq: number, clientId, body };
      rows.set(message.id, { message, changedSeq: number, deleted: false });
      return { message, entry: { type: 'message', seq: number, message } };
    },
    edit: (id: string, body: string): { message: TestMessage; entry: Entry<TestMessage> } | undefined => {
      const row = rows.get(id);
      if (!row || row.deleted) return undefined;
      const number = next();
      const message = { ...row.message, body };
      rows.set(id, { message, changedSeq: number, deleted: false });
      return { message, entry: { type: 'message', seq: number, message } };
    },
    remove: (id: string): Entry<TestMessage> | undefined => {
      const row = rows.get(id);
      if (!row || row.deleted) return undefined;
      const number = next();
      rows.set(id, { ...row, changedSeq: number, deleted: true });
      return { type: 'deleted', seq: number, messageId: id };
    },
    list: (cursor: string | undefined, limit: number): MessagePage<TestMessage> => {
      const before = cursor === undefined ? Number.POSITIVE_INFINITY : Number(cursor);
      const newestFirst = alive()
        .filter((message) => message.seq < before)
        .reverse();
      const items = newestFirst.slice(0, limit);
      const last = items.at(-1);
      return { items, nextCursor: last && newestFirst.length > limit ? String(last.seq) : null, seq };
    },
    changes: (after: number, limit: number): Changes<TestMessage> => {
      const changed = [...rows.values()]
        .filter((row) => row.changedSeq > after)
        .sort((a, b) => a.changedSeq - b.changedSeq);
      const page = changed.slice(0, limit);
      const items = page.map(
        ({ message, changedSeq, deleted }): Entry<TestMessage> =>
          deleted
            ? { type: 'deleted', seq: changedSeq, messageId: message.id }
            : { type: 'message', seq: changedSeq, message },
      );
      const hasMore = changed.length > limit;
      return { items, seq: hasMore ? (page.at(-1)?.changedSeq ?? seq) : seq, hasMore };
    },
  };
};

export type FakeServer = ReturnType<typeof createFakeServer>;
