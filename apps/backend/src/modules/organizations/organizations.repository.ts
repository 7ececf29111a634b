import type { OrgRole, PageQuery } from '@plinth/contracts';
import type { Database, Prisma, Sql } from '@plinth/database';
import { v7 as uuidv7 } from 'uuid';
import { keyset, sortKey } from '../../platform/page.ts';

const organizationsInOrder = keyset('organizations', sortKey.time, sortKey.id);
const membersInOrder = keyset('members', sortKey.time, sortKey.id);

/** Lower end of a list by time and id, for the first page: one statement serves all pages. */
const AFTER =
  "(COALESCE($2::timestamptz, '-infinity'), COALESCE($3::uuid, '00000000-0000-0000-0000-000000000000'))";

interface OrganizationRow {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly role: OrgRole;
  readonly joinedAt: Date;
}

interface MemberRow {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly role: OrgRole;
  readonly joinedAt: Date;
}

type Client = Prisma.TransactionClient;

const MEMBER = {
  userId: true,
  role: true,
  joinedAt: true,
  user: { select: { name: true, email: true } },
} as const;

const ROLE = `SELECT m.role::text AS role FROM memberships m JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL
  WHERE m.org_id = $1::uuid AND m.user_id = $2::uuid`;

/** Organisations and memberships. */
export const createTenants = (database: Database) => ({
  /** Asked for on every route of an organisation, so it goes past Prisma through the same pool. */
  async membershipRole(orgId: string, userId: string): Promise<OrgRole | undefined> {
    const [row] = await database.query<{ role: OrgRole }>(ROLE, [orgId, userId], 'membership_role');
    return row?.role;
  },

  /** Organisations of a person, in the order of joining. */
  async ofUser(userId: string, query: PageQuery) {
    const page = organizationsInOrder.open(query, userId);
    const [at = null, id = null] = page.after;
    const rows = await database.query<OrganizationRow>(
      `SELECT o.id, o.name, o.created_at AS "createdAt", m.role::text AS role, m.joined_at AS "joinedAt"
       FROM memberships m JOIN organizations o ON o.id = m.org_id
       WHERE m.user_id = $1::uuid AND (m.joined_at, m.org_id) > ${AFTER}
       ORDER BY m.joined_at, m.org_id LIMIT $4`,
      [userId, at, id, page.take],
      'organizations_page',
    );
    return page.of(rows, (row) => [row.joinedAt.getTime(), row.id]);
  },

  find: (orgId: string, prisma: Client = database.prisma) =>
    prisma.organization.findUnique({ where: { id: orgId } }),

  /** Members of an organisation, in the order of joining. */
  async members(orgId: string, query: PageQuery) {
    const page = membersInOrder.open(query, orgId);
    const [at = null, id = null] = page.after;
    const rows = await database.query<MemberRow>(
      `SELECT m.user_id AS "userId", m.role::text AS role, m.joined_at AS "joinedAt", u.name, u.email
       FROM memberships m JOIN users u ON u.id = m.user_id
       WHERE m.org_id = $1::uuid AND (m.joined_at, m.user_id) > ${AFTER}
       ORDER BY m.joined_at, m.user_id LIMIT $4`,
      [orgId, at, id, page.take],
      'members_page',
    );
    return page.of(rows, (row) => [row.joinedAt.getTime(), row.userId]);
  },

  insert: (prisma: Client, name: string) => prisma.organization.create({ data: { id: uuidv7(), name } }),

  /** Fails with a unique violation when the user is a member already. */
  insertMember: (prisma: Client, orgId: string, userId: string, role: OrgRole) =>
    prisma.membership.create({ data: { orgId, userId, role } }),

  findMember: (prisma: Client, orgId: string, userId: string) =>
    prisma.membership.findUnique({ where: { orgId_userId: { orgId, userId } } }),

  async updateRole(prisma: Client, orgId: string, userId: string, role: OrgRole) {
    const { user, ...membership } = await prisma.membership.update({
      where: { orgId_userId: { orgId, userId } },
      data: { role },
      select: MEMBER,
    });
    return { ...membership, ...user };
  },

  deleteMember: (prisma: Client, orgId: string, userId: string) =>
    prisma.membership.delete({ where: { orgId_userId: { orgId, userId } } }),

  /**
   * Lets one transaction at a time change the memberships of an organisation. It comes before every other lock, so
   * that two members acting on each other cannot deadlock; other writing in the organisation goes on.
   */
  async lockMemberships(sql: Sql, orgId: string): Promise<void> {
    await sql.query('SELECT 1 FROM organizations WHERE id = $1::uuid FOR NO KEY UPDATE', [orgId]);
  },

  /** The role as it is now; it cannot be changed or taken before the transaction ends. Undefined as `membershipRole`. */
  async lockMembership(sql: Sql, orgId: string, userId: string): Promise<OrgRole | undefined> {
    const [row] = await sql.query<{ role: OrgRole }>(`${ROLE} FOR SHARE OF m, u`, [orgId, userId]);
    return row?.role;
  },

  countOwners: (prisma: Client, orgId: string) =>
    prisma.membership.count({ where: { orgId, role: 'OWNER' } }),
});

export type Tenants = ReturnType<typeof createTenants>;
