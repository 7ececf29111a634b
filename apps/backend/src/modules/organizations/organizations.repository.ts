import type { OrgRole } from '@plinth/contracts';
import type { Database, Prisma } from '@plinth/database';
import { v7 as uuidv7 } from 'uuid';

/** Largest number of organisations or members returned; lists of people are shown whole. */
const MAX_LIST = 500;

type Client = Prisma.TransactionClient;

const MEMBER = {
  userId: true,
  role: true,
  joinedAt: true,
  user: { select: { name: true, email: true } },
} as const;

/** Organisations and memberships. */
export const createTenants = (database: Database) => ({
  /** Asked for on every route of an organisation, so it goes past Prisma through the same pool. */
  async membershipRole(orgId: string, userId: string): Promise<OrgRole | undefined> {
    const [row] = await database.query<{ role: OrgRole }>(
      `SELECT m.role::text AS role FROM memberships m JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL
       WHERE m.org_id = $1::uuid AND m.user_id = $2::uuid`,
      [orgId, userId],
      'membership_role',
    );
    return row?.role;
  },

  async ofUser(userId: string) {
    const rows = await database.prisma.membership.findMany({
      where: { userId },
      select: { role: true, organization: true },
      orderBy: { joinedAt: 'asc' },
      take: MAX_LIST,
    });
    return rows.map(({ role, organization }) => ({ ...organization, role }));
  },

  find: (orgId: string) => database.prisma.organization.findUnique({ where: { id: orgId } }),

  async members(orgId: string) {
    const rows = await database.prisma.membership.findMany({
      where: { orgId },
      select: MEMBER,
      orderBy: [{ joinedAt: 'asc' }, { userId: 'asc' }],
      take: MAX_LIST,
    });
    return rows.map(({ user, ...membership }) => ({ ...membership, ...user }));
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

  /** Locks the owners' rows, so that two owners removing each other cannot both succeed. */
  async lockOwners(prisma: Client, orgId: string): Promise<number> {
    const owners = await prisma.$queryRaw<unknown[]>`
      SELECT user_id FROM memberships WHERE org_id = ${orgId}::uuid AND role = 'OWNER' FOR UPDATE`;
    return owners.length;
  },
});

export type Tenants = ReturnType<typeof createTenants>;
