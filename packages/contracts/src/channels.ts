import { z } from 'zod';
import { ByOrg, Id, Timestamp, text } from './common.ts';
import { defineContract } from './contract.ts';
import { ORG_ROLES } from './roles.ts';

export const Channel = z.object({
  id: Id,
  orgId: Id,
  name: z.string(),
  topic: z.string().nullable(),
  createdAt: Timestamp,
});
export type Channel = z.output<typeof Channel>;

export const ByChannel = ByOrg.extend({ channelId: Id });

const NewChannel = z.strictObject({
  name: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N}_-]{0,49}$/u, 'letters, digits, "-" and "_", at most 50'),
  topic: text(200).optional(),
});

export const channelsContract = defineContract({
  listChannels: {
    method: 'get',
    path: '/orgs/:orgId/channels',
    summary: 'Channels of an organisation, by name',
    access: { orgRoles: ORG_ROLES },
    params: ByOrg,
    status: 200,
    reply: z.object({ items: z.array(Channel) }),
  },
  createChannel: {
    method: 'post',
    path: '/orgs/:orgId/channels',
    summary: 'Create a channel',
    access: { orgRoles: ['OWNER', 'ADMIN', 'MEMBER'] },
    params: ByOrg,
    body: NewChannel,
    status: 201,
    reply: Channel,
  },
  getChannel: {
    method: 'get',
    path: '/orgs/:orgId/channels/:channelId',
    summary: 'One channel',
    access: { orgRoles: ORG_ROLES },
    params: ByChannel,
    status: 200,
    reply: Channel,
  },
});
