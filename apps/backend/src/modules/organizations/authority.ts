import type { OrgRole } from '@plinth/contracts';
import type { Tx } from '@plinth/database';
import { orgRolesGuard } from '../../platform/access.ts';
import type { Membership, OrgContext } from '../../platform/context.ts';
import type { Tenants } from './organizations.repository.ts';

/**
 * Starts a change of memberships or invitations: gives the actor's own membership as it is now and until the
 * transaction ends, while no other such change of the organisation runs.
 * @param roles those of the route
 */
export const createAuthority =
  (tenants: Tenants) =>
  async (tx: Tx, ctx: OrgContext, roles: readonly OrgRole[]): Promise<Membership> => {
    const { orgId } = ctx.membership;
    await tenants.lockMemberships(tx, orgId);
    const { membership } = await orgRolesGuard(ctx, orgId, roles, {
      membershipRole: (...who) => tenants.lockMembership(tx, ...who),
    });
    return membership;
  };
