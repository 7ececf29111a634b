import type { InvitedRole, OrgRole, PageQuery } from '@plinth/contracts';
import type { Database, Sql } from '@plinth/database';
import { v7 as uuidv7 } from 'uuid';
import { keyset, sortKey } from '../../platform/page.ts';

const sentInOrder = keyset('invitations', sortKey.time, sortKey.id);
const receivedInOrder = keyset('received-invitations', sortKey.number, sortKey.time, sortKey.id);

/** Upper end of a list by time and id, for the first page: one statement serves all pages. */
const BEFORE_COLUMNS =
  "COALESCE($2::timestamptz, 'infinity'), COALESCE($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')";

/** Neither accepted, withdrawn nor expired. One that was declined looks so too, to the organisation. */
const OPEN = 'i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > statement_timestamp()';

/** The inviter, as long as they may invite: what somebody else sent is void, whatever became of them. */
const INVITER = `JOIN memberships a ON a.org_id = i.org_id AND a.user_id = i.invited_by AND a.role IN ('OWNER', 'ADMIN')
  JOIN users b ON b.id = a.user_id AND b.disabled_at IS NULL`;

interface SentRow {
  readonly id: string;
  readonly email: string;
  readonly role: InvitedRole;
  readonly invitedBy: { readonly userId: string; readonly name: string };
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

interface ReceivedRow {
  readonly id: string;
  readonly priority: number;
  readonly organization: { readonly id: string; readonly name: string };
  readonly role: InvitedRole;
  readonly invitedBy: { readonly name: string };
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** An invitation in whatever state. */
export interface InvitationRow {
  readonly orgId: string;
  readonly email: string;
  readonly role: InvitedRole;
  readonly invitedBy: string | null;
  readonly acceptedAt: Date | null;
  readonly declinedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly expired: boolean;
}

/** What decides whether somebody may be invited: what the organisation and the sender have done, nobody else. */
export interface AddressState {
  readonly isMember: boolean;
  readonly isInvited: boolean;
  /** Open ones by the same sender to this address, over all organisations. */
  readonly openOfSender: number;
  /** Made by the same sender in the last day, whatever became of them. */
  readonly todayOfSender: number;
}

export interface NewInvitation {
  readonly orgId: string;
  readonly email: string;
  readonly role: InvitedRole;
  readonly invitedBy: string;
  /** How long it is open. */
  readonly days: number;
}

const ROW = `i.org_id AS "orgId", i.email, i.role::text AS role, i.invited_by AS "invitedBy",
  i.accepted_at AS "acceptedAt", i.declined_at AS "declinedAt", i.revoked_at AS "revokedAt",
  i.expires_at <= statement_timestamp() AS expired`;

// One lookup among users and one among memberships, whether or not the address has an account: the work says nothing.
const STATE = `SELECT
    EXISTS (SELECT 1 FROM memberships WHERE org_id = $1::uuid AND user_id =
      COALESCE((SELECT id FROM users WHERE email = $2), '00000000-0000-0000-0000-000000000000')) AS "isMember",
    EXISTS (SELECT 1 FROM invitations i ${INVITER} WHERE i.org_id = $1::uuid AND i.email = $2 AND ${OPEN}) AS "isInvited",
    (SELECT count(*)::int FROM invitations i WHERE i.invited_by = $3::uuid AND i.email = $2 AND ${OPEN}) AS "openOfSender",
    (SELECT count(*)::int FROM invitations i WHERE i.invited_by = $3::uuid AND i.email = $2
      AND i.created_at > statement_timestamp() - interval '1 day') AS "todayOfSender"`;

/** Of open invitations to one address so many come first, by new accounts and by others; further ones come after them. */
const FIRST = 20;

/** The place of a new one in the list of the person; `priority` of the schema says what the number means. */
const PRIORITY = `(SELECT sender.established + CASE WHEN (
      SELECT count(*) FROM (SELECT 1 FROM invitations i ${INVITER}
        WHERE i.email = $3 AND i.priority % 2 = sender.established AND ${OPEN} AND i.declined_at IS NULL
        LIMIT ${FIRST}) AS shown) < ${FIRST} THEN 2 ELSE 0 END
    FROM (SELECT (created_at < statement_timestamp() - interval '7 days')::int AS established
      FROM users WHERE id = $5::uuid) AS sender)`;

// Who declined within the last 30 days is not shown the next one either.
const INSERT = `INSERT INTO invitations (id, org_id, email, role, invited_by, expires_at, declined_at, priority)
  VALUES ($1::uuid, $2::uuid, $3, $4::org_role, $5::uuid, statement_timestamp() + make_interval(days => $6::int),
    (SELECT max(declined_at) FROM invitations
     WHERE org_id = $2::uuid AND email = $3 AND declined_at > statement_timestamp() - interval '30 days'),
    ${PRIORITY})
  RETURNING id, created_at AS "createdAt", expires_at AS "expiresAt"`;

/** Closed ones are kept so long after their end: longer than a refusal counts. */
const KEEP = "interval '60 days'";

/** Invitations. */
export const createInvitations = (database: Database) => ({
  /** Open ones of an organisation, newest first. */
  async ofOrganization(orgId: string, query: PageQuery) {
    const page = sentInOrder.open(query, orgId);
    const [at = null, id = null] = page.after;
    const rows = await database.query<SentRow>(
      `SELECT i.id, i.email, i.role::text AS role, json_build_object('userId', b.id, 'name', b.name) AS "invitedBy",
         i.created_at AS "createdAt", i.expires_at AS "expiresAt"
       FROM invitations i ${INVITER}
       WHERE i.org_id = $1::uuid AND (i.created_at, i.id) < (${BEFORE_COLUMNS}) AND ${OPEN}
       ORDER BY i.created_at DESC, i.id DESC LIMIT $4`,
      [orgId, at, id, page.take],
      'invitations_page',
    );
    return page.of(rows, (row) => [row.createdAt.getTime(), row.id]);
  },

  /**
   * Open ones to the address of a person, by priority, then newest first: a flood stands behind what was there before,
   * behind what established accounts send, and behind what comes after it.
   */
  async ofPerson(userId: string, query: PageQuery) {
    const page = receivedInOrder.open(query, userId);
    const [priority = null, at = null, id = null] = page.after;
    const rows = await database.query<ReceivedRow>(
      `SELECT i.id, i.priority, json_build_object('id', o.id, 'name', o.name) AS organization, i.role::text AS role,
         json_build_object('name', b.name) AS "invitedBy", i.created_at AS "createdAt", i.expires_at AS "expiresAt"
       FROM invitations i JOIN organizations o ON o.id = i.org_id ${INVITER}
       WHERE i.email = (SELECT email FROM users WHERE id = $1::uuid AND disabled_at IS NULL)
         AND (i.priority, i.created_at, i.id) < (COALESCE($5::smallint, 32767::smallint), ${BEFORE_COLUMNS})
         AND ${OPEN} AND i.declined_at IS NULL
       ORDER BY i.priority DESC, i.created_at DESC, i.id DESC LIMIT $4`,
      [userId, at, id, page.take, priority],
      'received_invitations_page',
    );
    return page.of(rows, (row) => [row.priority, row.createdAt.getTime(), row.id]);
  },

  /** Lets one transaction at a time invite an address, whichever organisation it is for. After every other lock. */
  async lockAddress(sql: Sql, email: string): Promise<void> {
    await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('invitation:' || $1, 0))::text", [email]);
  },

  async stateOfAddress(
    sql: Sql,
    address: Pick<NewInvitation, 'orgId' | 'email' | 'invitedBy'>,
  ): Promise<AddressState> {
    const [state] = await sql.query<AddressState>(STATE, [address.orgId, address.email, address.invitedBy]);
    return state as AddressState;
  },

  /** Closes what stands in the way of the next one: expired, or of an inviter who may not invite any more. */
  async closeStale(sql: Sql, orgId: string, email: string): Promise<void> {
    await sql.query(
      `UPDATE invitations SET revoked_at = statement_timestamp()
       WHERE org_id = $1::uuid AND email = $2 AND accepted_at IS NULL AND revoked_at IS NULL`,
      [orgId, email],
    );
  },

  async insert(sql: Sql, { orgId, email, role, invitedBy, days }: NewInvitation) {
    const rows = await sql.query<Pick<SentRow, 'id' | 'createdAt' | 'expiresAt'>>(INSERT, [
      uuidv7(),
      orgId,
      email,
      role,
      invitedBy,
      days,
    ]);
    return rows[0] as (typeof rows)[number];
  },

  /** The organisation of an invitation to this person, in whatever state it is. */
  async organizationOf(userId: string, id: string): Promise<string | undefined> {
    const [row] = await database.query<{ orgId: string }>(
      `SELECT i.org_id AS "orgId" FROM invitations i
       JOIN users me ON me.id = $2::uuid AND me.email = i.email WHERE i.id = $1::uuid`,
      [id, userId],
    );
    return row?.orgId;
  },

  /** An invitation to this person; it cannot be changed before the transaction ends. */
  async lockReceived(sql: Sql, userId: string, id: string): Promise<InvitationRow | undefined> {
    const [row] = await sql.query<InvitationRow>(
      `SELECT ${ROW} FROM invitations i
       JOIN users me ON me.id = $2::uuid AND me.email = i.email WHERE i.id = $1::uuid FOR UPDATE OF i`,
      [id, userId],
    );
    return row;
  },

  /** An invitation of this organisation; it cannot be changed before the transaction ends. */
  async lockSent(sql: Sql, orgId: string, id: string): Promise<InvitationRow | undefined> {
    const [row] = await sql.query<InvitationRow>(
      `SELECT ${ROW} FROM invitations i WHERE i.id = $1::uuid AND i.org_id = $2::uuid FOR UPDATE`,
      [id, orgId],
    );
    return row;
  },

  async close(sql: Sql, id: string, end: 'accepted_at' | 'declined_at' | 'revoked_at'): Promise<void> {
    await sql.query(`UPDATE invitations SET ${end} = statement_timestamp() WHERE id = $1::uuid`, [id]);
  },

  /** Revokes the open invitations that somebody sent, as far as they are to these roles. @returns their ids */
  async revokeOf(
    sql: Sql,
    orgId: string,
    invitedBy: string,
    roles: readonly OrgRole[],
  ): Promise<readonly string[]> {
    const rows = await sql.query<{ id: string }>(
      `UPDATE invitations i SET revoked_at = statement_timestamp()
       WHERE i.org_id = $1::uuid AND i.invited_by = $2::uuid AND i.role::text = ANY($3::text[]) AND ${OPEN}
       RETURNING i.id`,
      [orgId, invitedBy, roles],
    );
    return rows.map(({ id }) => id);
  },

  /** Who has an account with an address of these invitations; without those who declined before they were invited. */
  async recipients(ids: readonly string[]): Promise<readonly string[]> {
    const rows = await database.query<{ id: string }>(
      `SELECT DISTINCT u.id FROM invitations i JOIN users u ON u.email = i.email AND u.disabled_at IS NULL
       WHERE i.id = ANY($1::uuid[]) AND (i.declined_at IS NULL OR i.declined_at >= i.created_at)`,
      [ids],
    );
    return rows.map(({ id }) => id);
  },

  /** Deletes up to a thousand that ended long ago. @returns how many */
  async purge(): Promise<number> {
    const rows = await database.query(
      `DELETE FROM invitations WHERE id IN (
         SELECT id FROM invitations WHERE expires_at < statement_timestamp() - ${KEEP} LIMIT 1000) RETURNING 1`,
    );
    return rows.length;
  },
});

export type Invitations = ReturnType<typeof createInvitations>;
