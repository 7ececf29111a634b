import { randomUUID } from 'node:crypto';
import { MESSAGE_WRITERS, messagesContract, routePath } from '@plinth/contracts';
import type { Pool, PoolClient } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { INSERT_SQL, PAGE_SQL } from '../src/modules/messages/messages.repository.ts';
import { FRESH_ID, NotFound, type Scenario, type Visitor } from './scenario.ts';

const PAGE = 50;
const BODY = 'Two o’clock works for me. I will bring the load test figures, and the coffee.';

const ROLE = {
  name: 'membership_role',
  text: `SELECT m.role::text AS role FROM memberships m JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL
    WHERE m.org_id = $1::uuid AND m.user_id = $2::uuid`,
};
const READ_PAGE = { name: 'messages_page', text: PAGE_SQL };
const INSERT = { name: 'message_insert', text: INSERT_SQL };
const AUDIT = {
  name: 'audit_append',
  text: `INSERT INTO audit_entries (id, org_id, actor_type, actor_id, action, target_type, target_id, request_id, details)
    VALUES ($1::uuid, $2::uuid, $3, $4::uuid, $5, $6, $7, $8, $9::jsonb)`,
};
const OUTBOX = {
  name: 'outbox_add',
  text: 'INSERT INTO outbox_events (topic, payload) VALUES ($1, $2::jsonb)',
};

interface Row {
  readonly authorId: string;
  readonly authorName: string;
  readonly id: string;
  readonly channelId: string;
  /** `int8`, which `pg` gives as text. */
  readonly seq: string;
  readonly changedSeq: string;
  readonly deletedAt: Date | null;
}

const toMessage = ({ authorId, authorName, seq, changedSeq: _, deletedAt: __, ...row }: Row) => ({
  ...row,
  seq: Number(seq),
  author: { id: authorId, name: authorName },
});

async function demandMember(pool: Pool, orgId: unknown, userId: string): Promise<void> {
  const { rows } = await pool.query({ ...ROLE, values: [orgId, userId] });
  if (!rows[0]) throw new NotFound();
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

async function createChannel({ api, orgId }: Visitor, name: string) {
  const { id: channelId } = await api.channels.createChannel({ params: { orgId }, body: { name } });
  const target = routePath(messagesContract.listMessages)
    .replace(':orgId', orgId)
    .replace(':channelId', channelId);
  return { params: { orgId, channelId }, target };
}

const pageScenario: Scenario = {
  title: `Page of ${PAGE} messages`,
  method: 'GET',
  path: routePath(messagesContract.listMessages),
  status: 200,
  database: true,
  goal: 0.75,
  async prepare(visitor) {
    const { params, target } = await createChannel(visitor, 'bench-read');
    for (let sent = 0; sent <= PAGE; sent += 1)
      await visitor.api.messages.postMessage({ params, body: { body: BODY, clientId: randomUUID() } });
    return { target: `${target}?limit=${PAGE}` };
  },
  plain:
    (pool, userId) =>
    async ({ orgId, channelId }) => {
      await demandMember(pool, orgId, userId);
      const values = [orgId, channelId, null, PAGE + 1];
      const { rows } = await pool.query<Row & { lastSeq: string }>({ ...READ_PAGE, values });
      if (!rows[0]) throw new NotFound();
      const items = rows.slice(0, PAGE).map(({ lastSeq: _, ...row }) => toMessage(row));
      const nextCursor =
        rows.length > PAGE
          ? Buffer.from(JSON.stringify(['messages', channelId, items.at(-1)?.seq])).toString('base64url')
          : null;
      return { items, nextCursor, seq: Number(rows[0].lastSeq) };
    },
};

const postScenario: Scenario = {
  title: 'Post a message',
  method: 'POST',
  path: routePath(messagesContract.postMessage),
  status: 201,
  database: true,
  goal: 0.6,
  async prepare(visitor) {
    const { target } = await createChannel(visitor, 'bench-write');
    return { target, body: JSON.stringify({ body: BODY, clientId: FRESH_ID }) };
  },
  plain: (pool, userId) => async (params, input) => {
    const { orgId, channelId } = params;
    const { body, clientId } = input as { body: string; clientId: string };
    await demandMember(pool, orgId, userId);
    return inTransaction(pool, async (client) => {
      const id = uuidv7();
      const subject = ['message.posted', 'message', id, randomUUID(), JSON.stringify({ channelId })];
      await client.query({ ...AUDIT, values: [uuidv7(), orgId, 'user', userId, ...subject] });
      const event = JSON.stringify({ orgId, channelId, messageId: id });
      await client.query({ ...OUTBOX, values: ['message.created', event] });
      const values = [id, orgId, channelId, userId, clientId, body, MESSAGE_WRITERS];
      const { rows } = await client.query<Row>({ ...INSERT, values });
      if (!rows[0]) throw new NotFound();
      return toMessage(rows[0]);
    });
  },
};

export const messagesScenarios: readonly Scenario[] = [pageScenario, postScenario];
