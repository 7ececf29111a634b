import type { MessageRow } from './messages.repository.ts';

/** A message as everybody sees it. */
export const toMessage = ({
  authorId,
  authorName,
  seq,
  changedSeq: _,
  deletedAt: __,
  ...row
}: MessageRow) => ({
  ...row,
  seq: Number(seq),
  author: { id: authorId, name: authorName },
});

/** The change with this number, told by the message as it is now. */
export const toEntry = (row: MessageRow, seq: bigint | number) =>
  row.deletedAt
    ? ({ type: 'deleted', seq: Number(seq), channelId: row.channelId, messageId: row.id } as const)
    : ({ type: 'message', seq: Number(seq), channelId: row.channelId, message: toMessage(row) } as const);
