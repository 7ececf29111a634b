import { z } from 'zod';
import { ByOrg, Id, OrgRole, Timestamp } from './common.ts';
import { defineContract } from './contract.ts';
import { defineEvents } from './events.ts';
import { Email } from './fields.ts';
import { Organization } from './organizations.ts';
import { PageQuery, pageOf } from './paging.ts';
import { ORG_MANAGERS } from './roles.ts';

/** Ownership is passed on, not handed out: who is invited becomes at most an admin. */
export const InvitedRole = OrgRole.exclude(['OWNER']);
export type InvitedRole = z.infer<typeof InvitedRole>;

/**
 * An invitation as the organisation sees it: open until it is accepted, withdrawn or expired. Whether the address has
 * an account, and whether its owner has declined, is not told.
 */
export const Invitation = z.object({
  id: Id,
  email: z.string(),
  role: InvitedRole,
  invitedBy: z.object({ userId: Id, name: z.string() }),
  createdAt: Timestamp,
  expiresAt: Timestamp,
});
export type Invitation = z.output<typeof Invitation>;

/** An invitation as the person sees it who was invited. */
export const ReceivedInvitation = z.object({
  id: Id,
  organization: z.object({ id: Id, name: z.string() }),
  role: InvitedRole,
  invitedBy: z.object({ name: z.string() }),
  createdAt: Timestamp,
  expiresAt: Timestamp,
});
export type ReceivedInvitation = z.output<typeof ReceivedInvitation>;

const ByInvitation = z.strictObject({ invitationId: Id });

export const invitationsContract = defineContract({
  listInvitations: {
    method: 'get',
    path: '/orgs/:orgId/invitations',
    summary: 'Open invitations of an organisation, newest first',
    access: { orgRoles: ORG_MANAGERS },
    params: ByOrg,
    query: PageQuery,
    status: 200,
    reply: pageOf(Invitation),
  },
  inviteMember: {
    method: 'post',
    path: '/orgs/:orgId/invitations',
    summary: 'Invite a person by email address; the answer is the same whether or not there is an account',
    access: { orgRoles: ORG_MANAGERS },
    params: ByOrg,
    body: z.strictObject({ email: Email, role: InvitedRole.default('MEMBER') }),
    errors: ['conflict'],
    status: 201,
    reply: Invitation,
  },
  revokeInvitation: {
    method: 'delete',
    path: '/orgs/:orgId/invitations/:invitationId',
    summary: 'Withdraw an open invitation',
    access: { orgRoles: ORG_MANAGERS },
    params: ByOrg.extend(ByInvitation.shape),
    errors: ['conflict'],
    status: 204,
    reply: z.void(),
  },
  listMyInvitations: {
    method: 'get',
    path: '/invitations',
    summary:
      'Open invitations to the address of the signed-in user, newest first; those of a flood come last',
    access: 'authenticated',
    query: PageQuery,
    status: 200,
    reply: pageOf(ReceivedInvitation),
  },
  acceptInvitation: {
    method: 'post',
    path: '/invitations/:invitationId/accept',
    summary: 'Become a member of the organisation; repeating it is no error',
    access: 'authenticated',
    params: ByInvitation,
    errors: ['conflict', 'gone'],
    status: 200,
    reply: Organization,
  },
  declineInvitation: {
    method: 'post',
    path: '/invitations/:invitationId/decline',
    summary:
      'Decline an invitation: the organisation is not told and cannot reach this address for 30 days; repeating it is no error',
    access: 'authenticated',
    params: ByInvitation,
    errors: ['conflict', 'gone'],
    status: 204,
    reply: z.void(),
  },
});

export const invitationsEvents = defineEvents({
  client: {},
  server: {
    /** Told to the person invited, on every connected device: ask again which invitations there are. */
    'invitation:changed': z.strictObject({}),
  },
});
