import { invitationsContract, organizationsContract } from '@plinth/contracts';
import type { Tx } from '@plinth/database';
import { z } from 'zod';
import { bindRoutes } from '../../http/bind-routes.ts';
import type { Module } from '../../module.ts';
import type { UserContext } from '../../platform/context.ts';
import type { Platform } from '../../platform/index.ts';
import { room } from '../../realtime/rooms.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { UserDirectory } from '../users/index.ts';
import { createAuthority } from './authority.ts';
import { createInvitations } from './invitations.repository.ts';
import { createInvitationService } from './invitations.service.ts';
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
/** With the organisation only when it may know: a refusal is the person's own matter. */
const Invited = z.object({ invitationIds: z.array(z.uuid()), orgId: z.uuid().optional() });
const PURGE_EVERY_MS = 86_400_000;

/** Tenants, who belongs to them and who is invited to. */
export function organizationsModule(
  platform: Platform,
  deps: { audit: AuditTrail; users: UserDirectory },
): Module & { tenants: Tenants; found: FoundOrganization } {
  const { config, database, limits, outbox } = platform;
  const tenants = createTenants(database);
  const invitations = createInvitations(database);
  const shared = {
    ...deps,
    database,
    limits,
    outbox,
    tenants,
    invitations,
    authority: createAuthority(tenants),
  };
  const organizations = createOrganizationService(config.organizations, shared);
  const inviting = createInvitationService(config.invitations, shared);
  return {
    name: 'organizations',
    tenants,
    // The rooms of connected people follow at once; were this lost, they would within seconds (realtime/audience.ts).
    outbox: (to) => {
      const tellOrganization = (orgId: string) => to.broadcast(room.org(orgId), 'members:changed', { orgId });
      const membership = (ended: boolean) => async (payload: unknown) => {
        const change = Membership.parse(payload);
        await to.membershipChanged({ ...change, ended });
        await tellOrganization(change.orgId);
      };
      return {
        'membership.removed': membership(true),
        'membership.changed': membership(false),
        'invitations.changed': async (payload) => {
          const { invitationIds, orgId } = Invited.parse(payload);
          // Before it is looked up who is meant: whether there is an account must not show in when this arrives.
          if (orgId !== undefined) await tellOrganization(orgId);
          for (const userId of await invitations.recipients(invitationIds))
            await to.broadcast(room.user(userId), 'invitation:changed', {});
        },
      };
    },
    found: (tx, ctx, name) => foundOrganization(tx, ctx, name, { tenants, audit: deps.audit }),
    jobs: [
      {
        name: 'invitations.purge',
        everyMs: PURGE_EVERY_MS,
        run: async () => {
          while ((await invitations.purge()) > 0);
        },
      },
    ],
    routes: [
      ...bindRoutes(organizationsContract, {
        listOrganizations: ({ ctx, query }) => tenants.ofUser(ctx.actor.userId, query),
        createOrganization: ({ ctx, body }) => organizations.create(ctx, body.name),
        getOrganization: ({ ctx }) => organizations.get(ctx),
        listMembers: ({ params, query }) => tenants.members(params.orgId, query),
        changeRole: ({ ctx, params, body }) => organizations.changeRole(ctx, params.userId, body.role),
        leaveOrganization: ({ ctx }) => organizations.leave(ctx),
        removeMember: ({ ctx, params }) => organizations.removeMember(ctx, params.userId),
      }),
      ...bindRoutes(invitationsContract, {
        listInvitations: ({ params, query }) => invitations.ofOrganization(params.orgId, query),
        inviteMember: ({ ctx, body }) => inviting.invite(ctx, body),
        revokeInvitation: ({ ctx, params }) => inviting.revoke(ctx, params.invitationId),
        listMyInvitations: ({ ctx, query }) => invitations.ofPerson(ctx.actor.userId, query),
        acceptInvitation: ({ ctx, params }) => inviting.accept(ctx, params.invitationId),
        declineInvitation: ({ ctx, params }) => inviting.decline(ctx, params.invitationId),
      }),
    ],
  };
}
