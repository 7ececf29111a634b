import { z } from 'zod';
import { ByChannel } from './channels.ts';
import { Id, Seq, Timestamp } from './common.ts';
import { defineContract } from './contract.ts';
import { defineEvents } from './events.ts';
import { text } from './fields.ts';
import { digits, MAX_PAGE, PageQuery, pageOf } from './paging.ts';
import { ORG_ROLES, ORG_WRITERS } from './roles.ts';
import { MAX_MESSAGE_LENGTH } from './text.ts';

const Author = z.object({ id: Id, name: z.string() });

export const Message = z.object({
  id: Id,
  channelId: Id,
  /** Its place in the channel: later messages have greater ones. Never changes. */
  seq: Seq,
  author: Author,
  body: z.string(),
  /** The sender's own id of the message: sending it again changes nothing. */
  clientId: Id,
  createdAt: Timestamp,
  editedAt: Timestamp.nullable(),
});
export type Message = z.output<typeof Message>;

/**
 * One change of a channel. Changes are numbered without a gap in the order in which they were committed, so whoever
 * has all up to some `seq` knows what is missing.
 */
export const ChannelEntry = z.discriminatedUnion('type', [
  /** The message was posted or edited: put it in, or in the place of what it was. */
  z.object({ type: z.literal('message'), seq: Seq, channelId: Id, message: Message }),
  z.object({ type: z.literal('deleted'), seq: Seq, channelId: Id, messageId: Id }),
]);
export type ChannelEntry = z.output<typeof ChannelEntry>;

export const ByMessage = ByChannel.extend({ messageId: Id });
const MessageBody = text(MAX_MESSAGE_LENGTH);
const NewMessage = z.strictObject({ body: MessageBody, clientId: Id });

/** Roles that may post, edit and delete messages. */
export const MESSAGE_WRITERS = ORG_WRITERS;

const ChangesQuery = z.strictObject({
  /** The last number known: what came later is returned. */
  after: z.preprocess(digits, Seq),
  limit: z.preprocess(digits, z.int().min(1).max(MAX_PAGE).default(MAX_PAGE)),
});
export type ChangesQuery = z.output<typeof ChangesQuery>;

export const messagesContract = defineContract({
  listMessages: {
    method: 'get',
    path: '/orgs/:orgId/channels/:channelId/messages',
    summary: 'Messages of a channel, newest first',
    access: { orgRoles: ORG_ROLES },
    params: ByChannel,
    query: PageQuery,
    status: 200,
    reply: pageOf(Message).extend({
      /** Number of the channel's last change when this page was read: listening goes on from here. */
      seq: Seq,
    }),
  },
  listChanges: {
    method: 'get',
    path: '/orgs/:orgId/channels/:channelId/messages/changes',
    summary: 'What has changed in a channel since a number, oldest first',
    access: { orgRoles: ORG_ROLES },
    params: ByChannel,
    query: ChangesQuery,
    status: 200,
    reply: z.object({
      /** Each changed message once, as it is now. */
      items: z.array(ChannelEntry),
      /** Nothing is missing up to here. */
      seq: Seq,
      /** There is more after `seq`: ask again. */
      hasMore: z.boolean(),
    }),
  },
  postMessage: {
    method: 'post',
    path: '/orgs/:orgId/channels/:channelId/messages',
    summary: 'Post a message; the same clientId again returns the stored one, or 410 when that was deleted',
    access: { orgRoles: MESSAGE_WRITERS },
    params: ByChannel,
    body: NewMessage,
    errors: ['conflict', 'gone'],
    status: 201,
    reply: Message,
  },
  editMessage: {
    method: 'patch',
    path: '/orgs/:orgId/channels/:channelId/messages/:messageId',
    summary: 'Edit an own message',
    access: { orgRoles: MESSAGE_WRITERS },
    params: ByMessage,
    body: z.strictObject({ body: MessageBody }),
    status: 200,
    reply: Message,
  },
  deleteMessage: {
    method: 'delete',
    path: '/orgs/:orgId/channels/:channelId/messages/:messageId',
    summary: 'Delete an own message; owners and admins may delete any',
    access: { orgRoles: MESSAGE_WRITERS },
    params: ByMessage,
    status: 204,
    reply: z.void(),
  },
});

export const messagesEvents = defineEvents({
  client: {
    'channel:join': {
      summary: 'Hear what happens in a channel; again: ask how far it has come',
      access: { orgRoles: ORG_ROLES },
      payload: ByChannel,
      reply: z.object({
        channelId: Id,
        /** Number of the last change. Everything after it is told; what came before, `listChanges` gives. */
        seq: Seq,
      }),
    },
    'channel:leave': {
      summary: 'Stop hearing a channel',
      access: { orgRoles: ORG_ROLES },
      payload: ByChannel,
      reply: z.object({ channelId: Id }),
    },
    'message:send': {
      summary: 'Post a message; acknowledged when it is stored',
      access: { orgRoles: MESSAGE_WRITERS },
      limit: 'general',
      payload: ByChannel.extend(NewMessage.shape),
      reply: Message,
    },
  },
  server: {
    'channel:entry': ChannelEntry,
  },
});
