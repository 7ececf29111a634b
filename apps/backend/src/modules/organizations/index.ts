import { organizationsContract } from '@plinth/contracts';
import type { Tx } from '@plinth/database';
import { z } from 'zod';
import { bindRoutes } from '../../http/bind-routes.ts';
import type { Module } from '../../module.ts';
import type { UserContext } from '../../platform/context.ts';
import type { Platform } from '../../platform/index.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { UserDirectory } from '../users/index.ts';
import { createTenants, type Tenants } from './organizations.repository.ts';
import { createOrganizationService, foundOrganization } from './organizations.service.ts';

export type { Tenants } from './organizations.repository.ts';

/** Creates an organisation with the actor as its owner, in the caller's transaction. */
export type FoundOrganization = (
  tx: Tx,
  ctx: Pick<UserContext, 'actor' | 'requestId'>,
  name: string,
) => ReturnType<typeof foundOrganization>;

const Membership = z.object({ orgId: z.uuid(), userId: z.uuid() });

/** Tenants and who belongs to them. */
export function organizationsModule(
  platform: Platform,
  deps: { audit: AuditTrail; users: UserDirectory },
): Module & { tenants: Tenants; found: FoundOrganization } {
  const tenants = createTenants(platform.database);
  const organizations = createOrganizationService({
    database: platform.database,
    outbox: platform.outbox,
    tenants,
    ...deps,
  });
  return {
    name: 'organizations',
    tenants,
    // The rooms of connected people follow at once; were this lost, they would within seconds (realtime/audience.ts).
    outbox: (to) => ({
      'membership.removed': (payload) => to.membershipChanged({ ...Membership.parse(payload), ended: true }),
      'membership.changed': (payload) => to.membershipChanged({ ...Membership.parse(payload), ended: false }),
    }),
    found: (tx, ctx, name) => foundOrganization(tx, ctx, name, { tenants, audit: deps.audit }),
    routes: bindRoutes(organizationsContract, {
      listOrganizations: ({ ctx, query }) => tenants.ofUser(ctx.actor.userId, query),
      createOrganization: ({ ctx, body }) => organizations.create(ctx, body.name),
      getOrganization: ({ ctx }) => organizations.get(ctx),
      listMembers: ({ params, query }) => tenants.members(params.orgId, query),
      addMember: ({ ctx, body }) => organizations.addMember(ctx, body),
      changeRole: ({ ctx, params, body }) => organizations.changeRole(ctx, params.userId, body.role),
      removeMember: ({ ctx, params }) => organizations.removeMember(ctx, params.userId),
    }),
  };
}
