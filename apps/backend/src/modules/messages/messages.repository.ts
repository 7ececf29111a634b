import { MESSAGE_WRITERS, type OrgRole, type PageQuery } from '@plinth/contracts';
import type { Database, Sql } from '@plinth/database';
import { v7 as uuidv7 } from 'uuid';
import { keyset, sortKey } from '../../platform/page.ts';

const newestFirst = keyset('messages', sortKey.number);

export interface MessageRow {
  readonly id: string;
  readonly channelId: string;
  readonly seq: bigint;
  readonly changedSeq: bigint;
  readonly authorId: string;
  readonly authorName: string;
  readonly body: string;
  readonly clientId: string;
  readonly createdAt: Date;
  readonly editedAt: Date | null;
  readonly deletedAt: Date | null;
}

export interface NewMessage {
  readonly id: string;
  readonly orgId: string;
  readonly channelId: string;
  readonly authorId: string;
  readonly clientId: string;
  readonly body: string;
}

/** A message as somebody asks for it. */
interface Key {
  readonly orgId: string;
  readonly channelId: string;
  readonly messageId: string;
}

/** Rows of a channel and the number of its last change, all of the same moment. */
interface Snapshot {
  readonly rows: readonly MessageRow[];
  readonly lastSeq: bigint;
}

const COLUMNS = `m.id, m.channel_id AS "channelId", m.seq, m.changed_seq AS "changedSeq", m.author_id AS "authorId",
  u.name AS "authorName", m.body, m.client_id AS "clientId", m.created_at AS "createdAt", m.edited_at AS "editedAt",
  m.deleted_at AS "deletedAt"`;

/** One row at least where there is such a channel; without messages it holds only the number of its last change. */
const snapshotOf = (messages: string) => `SELECT c.last_seq AS "lastSeq", found.* FROM channels c
  LEFT JOIN LATERAL (SELECT ${COLUMNS} FROM messages m JOIN users u ON u.id = m.author_id
    WHERE m.org_id = c.org_id AND m.channel_id = c.id AND ${messages} LIMIT $4) found ON true
  WHERE c.org_id = $1::uuid AND c.id = $2::uuid`;

/** The two hottest statements; the benchmark gives them to its bare server too. */
export const PAGE_SQL = snapshotOf(
  'm.deleted_at IS NULL AND ($3::bigint IS NULL OR m.seq < $3::bigint) ORDER BY m.seq DESC',
);
const CHANGES = snapshotOf('m.changed_seq > $3::bigint ORDER BY m.changed_seq');

/** The membership of somebody whose account is not disabled. */
const WHO = 'memberships who JOIN users account ON account.id = who.user_id AND account.disabled_at IS NULL';

/**
 * The author's membership and account are locked first, so that a removal, a demotion or the account's end waits or is
 * seen; the channel's counter is locked last and until the commit, so that numbers are given in the order of the
 * commits.
 */
export const INSERT_SQL = `WITH writer AS (
    SELECT who.user_id FROM ${WHO}
    WHERE who.org_id = $2::uuid AND who.user_id = $4::uuid AND who.role::text = ANY($7::text[])
    FOR SHARE OF who, account),
  c AS (
    UPDATE channels SET last_seq = last_seq + 1 FROM writer WHERE org_id = $2::uuid AND id = $3::uuid
    RETURNING org_id, id, last_seq),
  m AS (
    INSERT INTO messages (id, org_id, channel_id, author_id, client_id, body, created_at, seq, changed_seq)
    SELECT $1::uuid, c.org_id, c.id, $4::uuid, $5::uuid, $6, clock_timestamp(), c.last_seq, c.last_seq FROM c
    ON CONFLICT (author_id, client_id) DO NOTHING RETURNING *)
  SELECT ${COLUMNS} FROM m JOIN users u ON u.id = m.author_id`;

/** Gives the channel's next number to a change of one of its messages. */
const change = (set: string) => `WITH c AS (
    UPDATE channels SET last_seq = last_seq + 1 WHERE org_id = $1::uuid AND id = $2::uuid RETURNING last_seq),
  m AS (UPDATE messages SET ${set}, changed_seq = c.last_seq FROM c WHERE id = $3::uuid RETURNING messages.*)
  SELECT ${COLUMNS} FROM m JOIN users u ON u.id = m.author_id`;

const EDIT = change('body = $4, edited_at = clock_timestamp()');
const BURY = change("body = '', deleted_at = clock_timestamp()");

/**
 * Reading a page and writing a message are the hottest queries of the product, so this repository speaks SQL over
 * the pool that Prisma uses too: same transactions, same types, no second set of rules.
 */
export const createMessageRepository = (database: Database) => {
  async function snapshot(text: string, values: unknown[], name: string): Promise<Snapshot | undefined> {
    type Row = MessageRow & { lastSeq: bigint };
    const rows = await database.query<Row | { lastSeq: bigint; id: null }>(text, values, name);
    const [first] = rows;
    return first && { lastSeq: first.lastSeq, rows: rows.filter((row): row is Row => row.id !== null) };
  }

  return {
    /** Newest first; undefined when the channel is not in the organisation. */
    async page(orgId: string, channelId: string, query: PageQuery) {
      const page = newestFirst.open(query, channelId);
      const [before = null] = page.after;
      const found = await snapshot(PAGE_SQL, [orgId, channelId, before, page.take], 'messages_page');
      return found && { ...page.of(found.rows, ({ seq }) => [Number(seq)]), lastSeq: found.lastSeq };
    },

    /** At most `limit` messages that changed after a number, deleted ones too, in the order of their changes. */
    changes: (orgId: string, channelId: string, { after, limit }: { after: number; limit: number }) =>
      snapshot(CHANGES, [orgId, channelId, after, limit], 'messages_changes'),

    /** Number of the last change of the channel, for somebody who is a member now. */
    async lastSeq(orgId: string, channelId: string, userId: string): Promise<bigint | undefined> {
      const [row] = await database.query<{ lastSeq: bigint }>(
        `SELECT c.last_seq AS "lastSeq" FROM channels c JOIN memberships m ON m.org_id = c.org_id
         JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL
         WHERE c.org_id = $1::uuid AND c.id = $2::uuid AND m.user_id = $3::uuid`,
        [orgId, channelId, userId],
        'channel_last_seq',
      );
      return row?.lastSeq;
    },

    /** The message as it is now, deleted or not. */
    async find({ orgId, channelId, messageId }: Key): Promise<MessageRow | undefined> {
      const [row] = await database.query<MessageRow>(
        `SELECT ${COLUMNS} FROM messages m JOIN users u ON u.id = m.author_id
         WHERE m.org_id = $1::uuid AND m.channel_id = $2::uuid AND m.id = $3::uuid`,
        [orgId, channelId, messageId],
        'message_find',
      );
      return row;
    },

    /**
     * Stores a message and gives it the next number of its channel.
     * @returns undefined when nothing was stored: the author is no writer there, the channel is not in the
     * organisation, or the `clientId` was used. The number may be taken all the same, so roll back then.
     */
    async insert(sql: Sql, message: NewMessage): Promise<MessageRow | undefined> {
      const { id, orgId, channelId, authorId, clientId, body } = message;
      const [row] = await sql.query<MessageRow>(
        INSERT_SQL,
        [id, orgId, channelId, authorId, clientId, body, MESSAGE_WRITERS],
        'message_insert',
      );
      return row;
    },

    async findByClientId(orgId: string, channelId: string, authorId: string, clientId: string) {
      const [row] = await database.query<MessageRow>(
        `SELECT ${COLUMNS} FROM messages m JOIN users u ON u.id = m.author_id
         WHERE m.author_id = $1::uuid AND m.client_id = $2::uuid AND m.org_id = $3::uuid AND m.channel_id = $4::uuid`,
        [authorId, clientId, orgId, channelId],
      );
      return row;
    },

    async role(orgId: string, userId: string): Promise<OrgRole | undefined> {
      const [row] = await database.query<{ role: OrgRole }>(
        `SELECT who.role::text AS role FROM ${WHO} WHERE who.org_id = $1::uuid AND who.user_id = $2::uuid`,
        [orgId, userId],
      );
      return row?.role;
    },

    /**
     * The message and the role of who asks, locked until the transaction ends; undefined for a non-member and a disabled
     * account.
     */
    async lock(sql: Sql, { orgId, channelId, messageId }: Key, userId: string) {
      const [row] = await sql.query<MessageRow & { role: OrgRole }>(
        `SELECT ${COLUMNS}, who.role::text AS role FROM messages m JOIN users u ON u.id = m.author_id
         JOIN (${WHO}) ON who.org_id = m.org_id AND who.user_id = $4::uuid
         WHERE m.org_id = $1::uuid AND m.channel_id = $2::uuid AND m.id = $3::uuid AND m.deleted_at IS NULL
         FOR UPDATE OF m FOR SHARE OF who, account`,
        [orgId, channelId, messageId, userId],
      );
      return row;
    },

    /** Changes the text of a locked message. */
    async edit(sql: Sql, { orgId, channelId, messageId }: Key, body: string) {
      const [row] = await sql.query<MessageRow>(EDIT, [orgId, channelId, messageId, body]);
      return row;
    },

    /** Takes the text of a locked message away; the row stays to say so. */
    async bury(sql: Sql, { orgId, channelId, messageId }: Key) {
      const [row] = await sql.query<MessageRow>(BURY, [orgId, channelId, messageId]);
      return row;
    },
  };
};

export type MessageRepository = ReturnType<typeof createMessageRepository>;

/** Ids only have to be unique; the order of messages is `seq`. Version 7 keeps neighbours together in the index. */
export const newMessageId = (): string => uuidv7();
