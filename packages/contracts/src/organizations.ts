import { z } from 'zod';
import { ByOrg, Id, OrgRole, Timestamp } from './common.ts';
import { defineContract } from './contract.ts';
import { defineEvents } from './events.ts';
import { singleLine } from './fields.ts';
import { PageQuery, pageOf } from './paging.ts';
import { ORG_MANAGERS, ORG_ROLES } from './roles.ts';
import { MAX_NAME } from './users.ts';

export const Organization = z.object({
  id: Id,
  name: z.string(),
  /** Role of the caller in it. */
  role: OrgRole,
  createdAt: Timestamp,
});
export type Organization = z.output<typeof Organization>;

export const Member = z.object({
  userId: Id,
  name: z.string(),
  email: z.string(),
  role: OrgRole,
  joinedAt: Timestamp,
});
export type Member = z.output<typeof Member>;

const ByMember = ByOrg.extend({ userId: Id });

export const organizationsContract = defineContract({
  listOrganizations: {
    method: 'get',
    path: '/orgs',
    summary: 'Organisations of the signed-in user, in the order of joining',
    access: 'authenticated',
    query: PageQuery,
    status: 200,
    reply: pageOf(Organization),
  },
  createOrganization: {
    method: 'post',
    path: '/orgs',
    summary: 'Create an organisation; the caller becomes its owner',
    access: 'authenticated',
    body: z.strictObject({ name: singleLine(MAX_NAME) }),
    status: 201,
    reply: Organization,
  },
  getOrganization: {
    method: 'get',
    path: '/orgs/:orgId',
    summary: 'One organisation',
    access: { orgRoles: ORG_ROLES },
    params: ByOrg,
    status: 200,
    reply: Organization,
  },
  listMembers: {
    method: 'get',
    path: '/orgs/:orgId/members',
    summary: 'Members of an organisation, in the order of joining',
    access: { orgRoles: ORG_ROLES },
    params: ByOrg,
    query: PageQuery,
    status: 200,
    reply: pageOf(Member),
  },
  changeRole: {
    method: 'patch',
    path: '/orgs/:orgId/members/:userId',
    summary: 'Change the role of a member; nobody gives or takes a role above the own one',
    access: { orgRoles: ORG_MANAGERS },
    params: ByMember,
    body: z.strictObject({ role: OrgRole }),
    errors: ['conflict'],
    status: 200,
    reply: Member,
  },
  leaveOrganization: {
    method: 'delete',
    path: '/orgs/:orgId/members/me',
    summary: 'Leave an organisation; the last owner stays',
    access: { orgRoles: ORG_ROLES },
    params: ByOrg,
    errors: ['conflict'],
    status: 204,
    reply: z.void(),
  },
  removeMember: {
    method: 'delete',
    path: '/orgs/:orgId/members/:userId',
    summary: 'Remove a member; the last owner stays',
    access: { orgRoles: ORG_MANAGERS },
    params: ByMember,
    errors: ['conflict'],
    status: 204,
    reply: z.void(),
  },
});

export const organizationsEvents = defineEvents({
  client: {},
  server: {
    /** Told to the person concerned, who joined, left, was removed or given another role: ask again what you may see. */
    'membership:changed': ByOrg,
    /** Told to every member: who belongs to the organisation, or whom it has invited, may be read again. */
    'members:changed': ByOrg,
  },
});
