import { z } from 'zod';
import { ByOrg, Id, Timestamp } from './common.ts';
import { defineContract } from './contract.ts';
import { defineEvents } from './events.ts';
import { identifier, singleLine } from './fields.ts';
import { PageQuery, pageOf } from './paging.ts';
import { ORG_ROLES, ORG_WRITERS } from './roles.ts';

/** Longest name of a channel, in code points. */
export const MAX_CHANNEL_NAME = 50;
/** Longest topic of a channel, in code points. */
export const MAX_TOPIC = 200;

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
  name: identifier(MAX_CHANNEL_NAME),
  topic: singleLine(MAX_TOPIC).optional(),
});

export const channelsContract = defineContract({
  listChannels: {
    method: 'get',
    path: '/orgs/:orgId/channels',
    summary: 'Channels of an organisation, by name',
    access: { orgRoles: ORG_ROLES },
    params: ByOrg,
    query: PageQuery,
    status: 200,
    reply: pageOf(Channel),
  },
  createChannel: {
    method: 'post',
    path: '/orgs/:orgId/channels',
    summary: 'Create a channel',
    access: { orgRoles: ORG_WRITERS },
    params: ByOrg,
    body: NewChannel,
    errors: ['conflict'],
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

export const channelsEvents = defineEvents({
  client: {},
  server: {
    /** Told to everybody in the organisation. */
    'channel:created': Channel,
  },
});
