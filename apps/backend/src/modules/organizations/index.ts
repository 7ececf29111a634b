import { organizationsContract } from '@plinth/contracts';
import type { Tx } from '@plinth/database';
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

/** Tenants and who belongs to them. */
export function organizationsModule(
  platform: Platform,
  deps: { audit: AuditTrail; users: UserDirectory },
): Module & { tenants: Tenants; found: FoundOrganization } {
  const tenants = createTenants(platform.database);
  const organizations = createOrganizationService({
    database: platform.database,
    bus: platform.bus,
    tenants,
    ...deps,
  });
  return {
    name: 'organizations',
    tenants,
    found: (tx, ctx, name) => foundOrganization(tx, ctx, name, { tenants, audit: deps.audit }),
    routes: bindRoutes(organizationsContract, {
      listOrganizations: async ({ ctx }) => ({ items: await tenants.ofUser(ctx.actor.userId) }),
      createOrganization: ({ ctx, body }) => organizations.create(ctx, body.name),
      getOrganization: ({ ctx }) => organizations.get(ctx),
      listMembers: async ({ params }) => ({ items: await tenants.members(params.orgId) }),
      addMember: ({ ctx, body }) => organizations.addMember(ctx, body),
      removeMember: ({ ctx, params }) => organizations.removeMember(ctx, params.userId),
    }),
  };
}
