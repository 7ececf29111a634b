import type { PageQuery } from '@plinth/contracts';
import type { Database, Sql } from '@plinth/database';
import { v7 as uuidv7 } from 'uuid';
import { keyset, sortKey } from '../../platform/page.ts';

const newestFirst = keyset('messages', sortKey.id);

export interface MessageRow {
  readonly id: string;
  readonly channelId: string;
  readonly authorId: string;
  readonly authorName: string;
  readonly body: string;
  readonly clientId: string;
  readonly createdAt: Date;
  readonly editedAt: Date | null;
}

export interface NewMessage {
  readonly orgId: string;
  readonly channelId: string;
  readonly authorId: string;
  readonly clientId: string;
  readonly body: string;
}

interface Key {
  readonly orgId: string;
  readonly channelId: string;
  readonly messageId: string;
}

const COLUMNS = `m.id, m.channel_id AS "channelId", m.author_id AS "authorId", u.name AS "authorName", m.body,
  m.client_id AS "clientId", m.created_at AS "createdAt", m.edited_at AS "editedAt"`;

const PAGE = `SELECT ${COLUMNS} FROM messages m JOIN users u ON u.id = m.author_id
  WHERE m.org_id = $1::uuid AND m.channel_id = $2::uuid AND ($3::uuid IS NULL OR m.id < $3::uuid)
  ORDER BY m.id DESC LIMIT $4`;

/**
 * Reading a page and writing a message are the hottest queries of the product, so this repository speaks SQL over
 * the pool that Prisma uses too: same transactions, same types, no second set of rules.
 */
export const createMessageRepository = (database: Database) => ({
  /** Newest first. */
  async page(orgId: string, channelId: string, query: PageQuery) {
    const page = newestFirst.open(query, channelId);
    const [id = null] = page.after;
    const rows = await database.query<MessageRow>(PAGE, [orgId, channelId, id, page.take], 'messages_page');
    return page.of(rows, (row) => [row.id]);
  },

  /**
   * Stores a message unless the author has sent this `clientId` before.
   * @returns undefined when it was stored before, or when the channel is not in the organisation
   */
  async insert(sql: Sql, message: NewMessage): Promise<MessageRow | undefined> {
    const [row] = await sql.query<MessageRow>(
      `WITH m AS (
         INSERT INTO messages (id, org_id, channel_id, author_id, client_id, body)
         SELECT $1::uuid, c.org_id, c.id, $4::uuid, $5::uuid, $6 FROM channels c WHERE c.org_id = $2::uuid AND c.id = $3::uuid
         ON CONFLICT (author_id, client_id) DO NOTHING RETURNING *)
       SELECT ${COLUMNS} FROM m JOIN users u ON u.id = m.author_id`,
      [uuidv7(), message.orgId, message.channelId, message.authorId, message.clientId, message.body],
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

  /** The message, locked until the transaction ends. */
  async lock(sql: Sql, { orgId, channelId, messageId }: Key): Promise<MessageRow | undefined> {
    const [row] = await sql.query<MessageRow>(
      `SELECT ${COLUMNS} FROM messages m JOIN users u ON u.id = m.author_id
       WHERE m.org_id = $1::uuid AND m.channel_id = $2::uuid AND m.id = $3::uuid FOR UPDATE OF m`,
      [orgId, channelId, messageId],
    );
    return row;
  },

  async updateBody(sql: Sql, messageId: string, body: string): Promise<{ editedAt: Date } | undefined> {
    const [row] = await sql.query<{ editedAt: Date }>(
      `UPDATE messages SET body = $2, edited_at = now() WHERE id = $1::uuid RETURNING edited_at AS "editedAt"`,
      [messageId, body],
    );
    return row;
  },

  async remove(sql: Sql, messageId: string): Promise<void> {
    await sql.query('DELETE FROM messages WHERE id = $1::uuid', [messageId]);
  },
});

export type MessageRepository = ReturnType<typeof createMessageRepository>;
