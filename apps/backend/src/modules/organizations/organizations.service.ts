import { type OrgRole, organizationsContract } from '@plinth/contracts';
import type { Database, Tx } from '@plinth/database';
import type { Rate } from '../../config/index.ts';
import { resourceOwnershipGuard } from '../../platform/access.ts';
import type { OrgContext, UserContext } from '../../platform/context.ts';
import { AppError, notFound } from '../../platform/errors.ts';
import type { Limits } from '../../platform/limits/index.ts';
import type { Outbox } from '../../platform/outbox.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { UserDirectory } from '../users/index.ts';
import type { createAuthority } from './authority.ts';
import type { Invitations } from './invitations.repository.ts';
import { endInvitationsOf } from './invitations.service.ts';
import { can } from './organizations.policy.ts';
import type { Tenants } from './organizations.repository.ts';

interface Deps {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly tenants: Tenants;
  readonly users: UserDirectory;
  readonly invitations: Invitations;
  readonly limits: Limits;
  readonly authority: ReturnType<typeof createAuthority>;
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

/** @param options how many organisations one person may found */
export function createOrganizationService(options: { readonly foundingRate: Rate }, deps: Deps) {
  const { database, tenants, audit, outbox, authority } = deps;
  const { changeRole, leaveOrganization, removeMember } = organizationsContract;

  /** Asked before an owner goes. */
  async function keepAnOwner(tx: Tx, orgId: string): Promise<void> {
    if ((await tenants.countOwners(tx.prisma, orgId)) <= 1)
      throw new AppError('conflict', 'An organisation needs an owner. Make someone else an owner first.');
  }

  /** What every end of a membership brings with it, in the transaction that ends it. */
  async function endMembership(
    tx: Tx,
    ctx: OrgContext,
    member: { readonly userId: string; readonly role: OrgRole },
    action: 'member.removed' | 'member.left',
  ): Promise<void> {
    const { orgId } = ctx.membership;
    const { userId, role } = member;
    if (role === 'OWNER') await keepAnOwner(tx, orgId);
    await tenants.deleteMember(tx.prisma, orgId, userId);
    const invitationsEnded = await endInvitationsOf(tx, { orgId, userId }, deps);
    await audit.append(tx, ctx, {
      orgId,
      action,
      targetType: 'user',
      targetId: userId,
      details: { role, invitationsEnded },
    });
    await outbox.add(tx, { topic: 'membership.removed', payload: { orgId, userId } });
  }

  return {
    async create(ctx: UserContext, name: string) {
      await deps.limits.demand('organizations', 'Too many new organisations', [
        { key: `found:user:${ctx.actor.userId}`, rate: options.foundingRate },
      ]);
      return database.transaction(async (tx) => {
        await deps.users.lockActive(tx, ctx.actor.userId);
        return foundOrganization(tx, ctx, name, deps);
      });
    },

    async get(ctx: OrgContext) {
      const organization = await tenants.find(ctx.membership.orgId);
      if (!organization) throw notFound('organisation');
      return { ...organization, role: ctx.membership.role };
    },

    /** Removes a member at once: open sockets hear nothing more of the organisation. The last owner stays. */
    async removeMember(ctx: OrgContext, userId: string): Promise<void> {
      const { orgId } = ctx.membership;
      await database.transaction(async (tx) => {
        const actor = await authority(tx, ctx, removeMember.access.orgRoles);
        const member = await tenants.findMember(tx.prisma, orgId, userId);
        if (!member) throw notFound('member');
        resourceOwnershipGuard(
          can(actor, 'remove', member.role),
          `You cannot remove somebody with the role ${member.role}.`,
        );
        await endMembership(tx, ctx, member, 'member.removed');
      });
      outbox.committed();
    },

    /** Ends the caller's own membership, as a removal does. The last owner stays. */
    async leave(ctx: OrgContext): Promise<void> {
      const { userId } = ctx.actor;
      await database.transaction(async (tx) => {
        const { role } = await authority(tx, ctx, leaveOrganization.access.orgRoles);
        await endMembership(tx, ctx, { userId, role }, 'member.left');
      });
      outbox.committed();
    },

    /** Gives a member another role. It counts from the next request on; an organisation keeps an owner. */
    async changeRole(ctx: OrgContext, userId: string, role: OrgRole) {
      const { orgId } = ctx.membership;
      const changed = await database.transaction(async (tx) => {
        const actor = await authority(tx, ctx, changeRole.access.orgRoles);
        const member = await tenants.findMember(tx.prisma, orgId, userId);
        if (!member) throw notFound('member');
        const mayChange = can(actor, 'remove', member.role) && can(actor, 'grant', role);
        resourceOwnershipGuard(mayChange, `You cannot turn ${member.role} into ${role}.`);
        // Nothing happens, so nothing is recorded or told.
        if (member.role === role) return tenants.updateRole(tx.prisma, orgId, userId, role);
        if (member.role === 'OWNER' && role !== 'OWNER') await keepAnOwner(tx, orgId);
        const invitationsEnded = await endInvitationsOf(tx, { orgId, userId, role }, deps);
        await audit.append(tx, ctx, {
          orgId,
          action: 'member.role_changed',
          targetType: 'user',
          targetId: userId,
          details: { from: member.role, to: role, invitationsEnded },
        });
        await outbox.add(tx, { topic: 'membership.changed', payload: { orgId, userId } });
        return tenants.updateRole(tx.prisma, orgId, userId, role);
      });
      outbox.committed();
      return changed;
    },
  };
}
