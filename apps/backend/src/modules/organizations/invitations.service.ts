import { type InvitedRole, invitationsContract, ORG_ROLES, type OrgRole } from '@plinth/contracts';
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
import { refuseInsistence } from './invitation-limits.ts';
import type { InvitationRow, Invitations } from './invitations.repository.ts';
import { can } from './organizations.policy.ts';
import type { Tenants } from './organizations.repository.ts';

export interface InvitationOptions {
  /** How long an invitation is open. */
  readonly days: number;
  /** Invitations that one person may send; an organisation has a multiple of it. */
  readonly rate: Rate;
}

interface Deps {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly limits: Limits;
  readonly tenants: Tenants;
  readonly users: UserDirectory;
  readonly invitations: Invitations;
  readonly authority: ReturnType<typeof createAuthority>;
  readonly audit: AuditTrail;
}

/** What an organisation may send, as a multiple of what one of its people may. */
const OF_ORGANIZATION = 5;

/**
 * The connected devices of the people invited follow; nobody else can see whether there are any.
 * @param orgId the organisation, when its people may notice: of a refusal they hear nothing
 */
const tell = (outbox: Outbox, tx: Tx, invitationIds: readonly string[], orgId?: string) =>
  outbox.add(tx, { topic: 'invitations.changed', payload: { invitationIds, orgId } });

/**
 * Ends, in the caller's transaction, the open invitations that somebody with this role could not make any more.
 * @param role undefined for nobody's, who was a member before
 * @returns how many
 */
export async function endInvitationsOf(
  tx: Tx,
  membership: { readonly orgId: string; readonly userId: string; readonly role?: OrgRole },
  deps: Pick<Deps, 'invitations' | 'outbox'>,
): Promise<number> {
  const { orgId, userId, role } = membership;
  const lost = role ? ORG_ROLES.filter((other) => !can({ orgId, role }, 'grant', other)) : ORG_ROLES;
  const ended = await deps.invitations.revokeOf(tx, orgId, userId, lost);
  if (ended.length > 0) await tell(deps.outbox, tx, ended);
  return ended.length;
}

/** @throws AppError gone, with what helps, for an invitation that cannot be answered any more */
function refuseClosed({ declinedAt, revokedAt, expired }: InvitationRow): void {
  if (declinedAt) throw new AppError('gone', 'You have declined this invitation.');
  if (revokedAt) throw new AppError('gone', 'This invitation was withdrawn. Ask for a new one.');
  if (expired) throw new AppError('gone', 'This invitation has expired. Ask for a new one.');
}

export function createInvitationService(options: InvitationOptions, deps: Deps) {
  const { database, limits, outbox, tenants, users, invitations, authority, audit } = deps;

  return {
    /**
     * Invites whoever has this address or will have it. Answer and work are the same for both: neither the caller nor
     * somebody who measures learns whether there is an account.
     */
    async invite(ctx: OrgContext, { email, role }: { email: string; role: InvitedRole }) {
      const { orgId } = ctx.membership;
      const { userId } = ctx.actor;
      await limits.demand('invitations', 'Too many invitations', [
        { key: `invite:user:${userId}`, rate: options.rate },
        {
          key: `invite:org:${orgId}`,
          rate: { ...options.rate, limit: options.rate.limit * OF_ORGANIZATION },
        },
      ]);
      const invitation = await database.transaction(async (tx) => {
        const actor = await authority(tx, ctx, invitationsContract.inviteMember.access.orgRoles);
        resourceOwnershipGuard(can(actor, 'grant', role), `You cannot grant the role ${role}.`);
        await invitations.lockAddress(tx, email);
        const state = await invitations.stateOfAddress(tx, { orgId, email, invitedBy: userId });
        if (state.isMember) throw new AppError('conflict', 'This person is a member already.');
        if (state.isInvited)
          throw new AppError(
            'conflict',
            'This address is invited already. Withdraw that invitation first to send another one.',
          );
        refuseInsistence(state);
        await invitations.closeStale(tx, orgId, email);
        const made = await invitations.insert(tx, {
          orgId,
          email,
          role,
          invitedBy: userId,
          days: options.days,
        });
        await audit.append(tx, ctx, {
          orgId,
          action: 'invitation.created',
          targetType: 'invitation',
          targetId: made.id,
          details: { email, role },
        });
        await tell(outbox, tx, [made.id], orgId);
        return made;
      });
      outbox.committed();
      const inviter = await users.findById(userId);
      return { ...invitation, email, role, invitedBy: { userId, name: inviter?.name ?? '' } };
    },

    /** Withdraws an open invitation, also one that was declined: to the organisation the two look the same. */
    async revoke(ctx: OrgContext, invitationId: string): Promise<void> {
      const { orgId } = ctx.membership;
      await database.transaction(async (tx) => {
        await authority(tx, ctx, invitationsContract.revokeInvitation.access.orgRoles);
        const invitation = await invitations.lockSent(tx, orgId, invitationId);
        if (!invitation) throw notFound('open invitation');
        if (invitation.acceptedAt)
          throw new AppError(
            'conflict',
            'This invitation was accepted meanwhile. Remove the member if that is not wanted.',
          );
        if (invitation.revokedAt || invitation.expired) throw notFound('open invitation');
        await invitations.close(tx, invitationId, 'revoked_at');
        await audit.append(tx, ctx, {
          orgId,
          action: 'invitation.revoked',
          targetType: 'invitation',
          targetId: invitationId,
          details: { email: invitation.email, role: invitation.role },
        });
        await tell(outbox, tx, [invitationId], orgId);
      });
      outbox.committed();
    },

    /** Makes the caller a member, with the role that the inviter may still grant. Repeating it answers the same. */
    async accept(ctx: UserContext, invitationId: string) {
      const { userId } = ctx.actor;
      const orgId = await invitations.organizationOf(userId, invitationId);
      if (!orgId) throw notFound('invitation');
      const organization = await database.transaction(async (tx) => {
        await users.lockActive(tx, userId);
        await tenants.lockMemberships(tx, orgId);
        const invitation = await invitations.lockReceived(tx, userId, invitationId);
        const joined = await tenants.find(orgId, tx.prisma);
        if (!invitation || !joined) throw notFound('invitation');
        const member = await tenants.findMember(tx.prisma, orgId, userId);
        if (invitation.acceptedAt && member) return { ...joined, role: member.role };
        if (invitation.acceptedAt)
          throw new AppError('gone', 'You have used this invitation before. Ask for a new one.');
        refuseClosed(invitation);
        if (member) throw new AppError('conflict', 'You are a member already.');
        const { role, invitedBy } = invitation;
        const inviterRole = invitedBy ? await tenants.lockMembership(tx, orgId, invitedBy) : undefined;
        if (!inviterRole || !can({ orgId, role: inviterRole }, 'grant', role))
          throw new AppError('gone', 'Who invited you may not do so any more. Ask for a new invitation.');
        await tenants.insertMember(tx.prisma, orgId, userId, role);
        await invitations.close(tx, invitationId, 'accepted_at');
        await audit.append(tx, ctx, {
          orgId,
          action: 'member.joined',
          targetType: 'user',
          targetId: userId,
          details: { role, invitationId, invitedBy },
        });
        await outbox.add(tx, { topic: 'membership.changed', payload: { orgId, userId } });
        await tell(outbox, tx, [invitationId]);
        return { ...joined, role };
      });
      outbox.committed();
      return organization;
    },

    /** Refuses an invitation. To the organisation it stays open, so nobody learns that it was seen. */
    async decline(ctx: UserContext, invitationId: string): Promise<void> {
      await database.transaction(async (tx) => {
        await users.lockActive(tx, ctx.actor.userId);
        const invitation = await invitations.lockReceived(tx, ctx.actor.userId, invitationId);
        if (!invitation) throw notFound('invitation');
        if (invitation.acceptedAt)
          throw new AppError(
            'conflict',
            'You have accepted this invitation. Leave the organisation instead.',
          );
        if (invitation.declinedAt) return;
        refuseClosed(invitation);
        await invitations.close(tx, invitationId, 'declined_at');
        // Without the organisation: its owners and admins do not read it.
        await audit.append(tx, ctx, {
          action: 'invitation.declined',
          targetType: 'invitation',
          targetId: invitationId,
        });
        await tell(outbox, tx, [invitationId]);
      });
      outbox.committed();
    },
  };
}
