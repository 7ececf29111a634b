import { messagesContract, messagesEvents } from '@plinth/contracts';
import { bindRoutes } from '../../http/bind-routes.ts';
import type { Module } from '../../module.ts';
import type { Platform } from '../../platform/index.ts';
import { bindEvents } from '../../realtime/bind-events.ts';
import { room } from '../../realtime/rooms.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { ChannelDirectory } from '../channels/index.ts';
import { messageOutbox } from './messages.outbox.ts';
import { createMessageRepository } from './messages.repository.ts';
import { createMessageService } from './messages.service.ts';

/** Conversations: over REST, over the socket, and live to everybody in the channel. */
export function messagesModule(
  platform: Platform,
  deps: { audit: AuditTrail; channels: ChannelDirectory },
): Module {
  const { database, outbox } = platform;
  const repository = createMessageRepository(database);
  const messages = createMessageService({ database, outbox, repository, ...deps });
  return {
    name: 'messages',
    outbox: messageOutbox(repository),
    routes: bindRoutes(messagesContract, {
      listMessages: ({ params, query }) => messages.page(params.orgId, params.channelId, query),
      listChanges: ({ params, query }) => messages.changes(params.orgId, params.channelId, query),
      postMessage: ({ ctx, params, body }) => messages.post(ctx, { channelId: params.channelId, ...body }),
      editMessage: ({ ctx, params, body }) => messages.edit(ctx, params, body.body),
      deleteMessage: ({ ctx, params }) => messages.remove(ctx, params),
    }),
    events: bindEvents(messagesEvents.client, {
      'channel:join': async ({ ctx, payload: { orgId, channelId }, rooms }) => {
        const name = room.channel(orgId, channelId);
        // In this order: what is committed after the number was read is heard.
        rooms.join(name);
        try {
          return { channelId, seq: await messages.lastSeq(ctx, channelId) };
        } catch (error) {
          rooms.leave(name);
          throw error;
        }
      },
      'channel:leave': ({ payload, rooms }) => {
        rooms.leave(room.channel(payload.orgId, payload.channelId));
        return { channelId: payload.channelId };
      },
      'message:send': ({ ctx, payload: { channelId, clientId, body } }) =>
        messages.post(ctx, { channelId, clientId, body }),
    }),
  };
}
