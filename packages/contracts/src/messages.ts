import { z } from 'zod';
import { ByChannel } from './channels.ts';
import { Id, Timestamp } from './common.ts';
import { defineContract } from './contract.ts';
import { defineEvents } from './events.ts';
import { text } from './fields.ts';
import { PageQuery, pageOf } from './paging.ts';
import { ORG_ROLES } from './roles.ts';

/** Longest text of a message, in code points. */
export const MAX_MESSAGE_LENGTH = 4000;

const Author = z.object({ id: Id, name: z.string() });

export const Message = z.object({
  id: Id,
  channelId: Id,
  author: Author,
  body: z.string(),
  /** The sender's own id of the message: sending it again changes nothing. */
  clientId: Id,
  createdAt: Timestamp,
  editedAt: Timestamp.nullable(),
});
export type Message = z.output<typeof Message>;

export const ByMessage = ByChannel.extend({ messageId: Id });
const MessageBody = text(MAX_MESSAGE_LENGTH);
const NewMessage = z.strictObject({ body: MessageBody, clientId: Id });

const WRITERS = ['OWNER', 'ADMIN', 'MEMBER'] as const;

export const messagesContract = defineContract({
  listMessages: {
    method: 'get',
    path: '/orgs/:orgId/channels/:channelId/messages',
    summary: 'Messages of a channel, newest first',
    access: { orgRoles: ORG_ROLES },
    params: ByChannel,
    query: PageQuery,
    status: 200,
    reply: pageOf(Message),
  },
  postMessage: {
    method: 'post',
    path: '/orgs/:orgId/channels/:channelId/messages',
    summary: 'Post a message; the same clientId again returns the stored one',
    access: { orgRoles: WRITERS },
    params: ByChannel,
    body: NewMessage,
    status: 201,
    reply: Message,
  },
  editMessage: {
    method: 'patch',
    path: '/orgs/:orgId/channels/:channelId/messages/:messageId',
    summary: 'Edit an own message',
    access: { orgRoles: WRITERS },
    params: ByMessage,
    body: z.strictObject({ body: MessageBody }),
    status: 200,
    reply: Message,
  },
  deleteMessage: {
    method: 'delete',
    path: '/orgs/:orgId/channels/:channelId/messages/:messageId',
    summary: 'Delete an own message; owners and admins may delete any',
    access: { orgRoles: WRITERS },
    params: ByMessage,
    status: 204,
    reply: z.void(),
  },
});

export const messagesEvents = defineEvents({
  client: {
    'channel:join': {
      summary: 'Hear what happens in a channel',
      access: { orgRoles: ORG_ROLES },
      payload: ByChannel,
      reply: z.object({ channelId: Id }),
    },
    'channel:leave': {
      summary: 'Stop hearing a channel',
      access: { orgRoles: ORG_ROLES },
      payload: ByChannel,
      reply: z.object({ channelId: Id }),
    },
    'message:send': {
      summary: 'Post a message; acknowledged when it is stored',
      access: { orgRoles: WRITERS },
      payload: ByChannel.extend(NewMessage.shape),
      reply: Message,
    },
  },
  server: {
    'message:created': Message,
    'message:edited': Message,
    'message:deleted': z.object({ id: Id, channelId: Id }),
  },
});
