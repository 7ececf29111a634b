import { type OrgRole, organizationsContract } from '@plinth/contracts';
import { classifyDatabaseError, type Database, type Tx } from '@plinth/database';
import { orgRolesGuard, resourceOwnershipGuard } from '../../platform/access.ts';
import type { Membership, OrgContext, UserContext } from '../../platform/context.ts';
import { AppError, notFound } from '../../platform/errors.ts';
import type { Outbox } from '../../platform/outbox.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { UserDirectory } from '../users/index.ts';
import { can } from './organizations.policy.ts';
import type { Tenants } from './organizations.repository.ts';

interface Deps {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly tenants: Tenants;
  readonly users: UserDirectory;
  readonly audit: AuditTrail;
}

/** Creates an organisation and its first owner in the caller's transaction. */
export async function foundOrganization(
  tx: Tx,
  ctx: Pick<UserContext, 'actor' | 'requestId'>,
  name: string,
  deps: { tenants: Tenants; audit: AuditTrail },
) {
  const organization = await deps.tenants.insert(tx.prisma, name);
  await deps.tenants.insertMember(tx.prisma, organization.id, ctx.actor.userId, 'OWNER');
  await deps.audit.append(tx, ctx, {
    orgId: organization.id,
    action: 'organization.created',
    targetType: 'organization',
    targetId: organization.id,
  });
  return { ...organization, role: 'OWNER' as const };
}

export function createOrganizationService(deps: Deps) {
  const { database, tenants, users, audit, outbox } = deps;

  /** Starts a change of memberships: gives the actor's own one as it is now and until the transaction ends. */
  async function authority(
    tx: Tx,
    ctx: OrgContext,
    route: 'addMember' | 'removeMember' | 'changeRole',
  ): Promise<Membership> {
    const { orgId } = ctx.membership;
    const { orgRoles } = organizationsContract[route].access;
    await tenants.lockMemberships(tx, orgId);
    const { membership } = await orgRolesGuard(ctx, orgId, orgRoles, {
      membershipRole: (...who) => tenants.lockMembership(tx, ...who),
    });
    return membership;
  }

  /** Asked before an owner goes. */
  async function keepAnOwner(tx: Tx, orgId: string): Promise<void> {
    if ((await tenants.countOwners(tx.prisma, orgId)) <= 1)
      throw new AppError('conflict', 'An organisation needs an owner. Make somebody else one first.');
  }

  return {
    create: (ctx: UserContext, name: string) =>
      database.transaction((tx) => foundOrganization(tx, ctx, name, deps)),

    async get(ctx: OrgContext) {
      const organization = await tenants.find(ctx.membership.orgId);
      if (!organization) throw notFound('organisation');
      return { ...organization, role: ctx.membership.role };
    },

    /** Adds a person who has an account. Nobody grants a role above the own one. */
    async addMember(ctx: OrgContext, { email, role }: { email: string; role: OrgRole }) {
      const { orgId } = ctx.membership;
      const user = await users.findByEmail(email);
      try {
        const member = await database.transaction(async (tx) => {
          const actor = await authority(tx, ctx, 'addMember');
          resourceOwnershipGuard(can(actor, 'grant', role), `You cannot grant the role ${role}.`);
          if (!user)
            throw new AppError(
              'not_found',
              'Nobody has an account with this email. Ask them to sign up first.',
            );
          const { joinedAt } = await tenants.insertMember(tx.prisma, orgId, user.id, role);
          await audit.append(tx, ctx, {
            orgId,
            action: 'member.added',
            targetType: 'user',
            targetId: user.id,
            details: { role },
          });
          await outbox.add(tx, { topic: 'membership.changed', payload: { orgId, userId: user.id } });
          return { userId: user.id, name: user.name, email: user.email, role, joinedAt };
        });
        outbox.committed();
        return member;
      } catch (error) {
        if (classifyDatabaseError(error) !== 'unique') throw error;
        throw new AppError('conflict', 'This person is a member already.', { cause: error });
      }
    },

    /** Removes a member at once: open sockets hear nothing more of the organisation. The last owner stays. */
    async removeMember(ctx: OrgContext, userId: string): Promise<void> {
      const { orgId } = ctx.membership;
      await database.transaction(async (tx) => {
        const actor = await authority(tx, ctx, 'removeMember');
        const member = await tenants.findMember(tx.prisma, orgId, userId);
        if (!member) throw notFound('member');
        resourceOwnershipGuard(
          can(actor, 'remove', member.role),
          `You cannot remove somebody with the role ${member.role}.`,
        );
        if (member.role === 'OWNER') await keepAnOwner(tx, orgId);
        await tenants.deleteMember(tx.prisma, orgId, userId);
        await audit.append(tx, ctx, {
          orgId,
          action: 'member.removed',
          targetType: 'user',
          targetId: userId,
          details: { role: member.role },
        });
        await outbox.add(tx, { topic: 'membership.removed', payload: { orgId, userId } });
      });
      outbox.committed();
    },

    /** Gives a member another role. It counts from the next request on; an organisation keeps an owner. */
    async changeRole(ctx: OrgContext, userId: string, role: OrgRole) {
      const { orgId } = ctx.membership;
      const changed = await database.transaction(async (tx) => {
        const actor = await authority(tx, ctx, 'changeRole');
        const member = await tenants.findMember(tx.prisma, orgId, userId);
        if (!member) throw notFound('member');
        const mayChange = can(actor, 'remove', member.role) && can(actor, 'grant', role);
        resourceOwnershipGuard(mayChange, `You cannot turn ${member.role} into ${role}.`);
        if (member.role === 'OWNER' && role !== 'OWNER') await keepAnOwner(tx, orgId);
        await audit.append(tx, ctx, {
          orgId,
          action: 'member.role_changed',
          targetType: 'user',
          targetId: userId,
          details: { from: member.role, to: role },
        });
        await outbox.add(tx, { topic: 'membership.changed', payload: { orgId, userId } });
        return tenants.updateRole(tx.prisma, orgId, userId, role);
      });
      outbox.committed();
      return changed;
    },
  };
}
