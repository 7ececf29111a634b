import { messagesContract, messagesEvents } from '@plinth/contracts';
import { bindRoutes } from '../../http/bind-routes.ts';
import type { Module } from '../../module.ts';
import type { Platform } from '../../platform/index.ts';
import { bindEvents } from '../../realtime/bind-events.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { ChannelDirectory } from '../channels/index.ts';
import { channelRoom, messageOutbox } from './messages.outbox.ts';
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
    outbox: messageOutbox,
    routes: bindRoutes(messagesContract, {
      listMessages: ({ params, query }) => messages.page(params.orgId, params.channelId, query),
      postMessage: ({ ctx, params, body }) => messages.post(ctx, { channelId: params.channelId, ...body }),
      editMessage: ({ ctx, params, body }) => messages.edit(ctx, params, body.body),
      deleteMessage: ({ ctx, params }) => messages.remove(ctx, params),
    }),
    events: bindEvents(messagesEvents.client, {
      'channel:join': async ({ payload, rooms }) => {
        await deps.channels.get(payload.orgId, payload.channelId);
        rooms.join(channelRoom(payload.channelId));
        return { channelId: payload.channelId };
      },
      'channel:leave': ({ payload, rooms }) => {
        rooms.leave(channelRoom(payload.channelId));
        return { channelId: payload.channelId };
      },
      'message:send': ({ ctx, payload: { channelId, clientId, body } }) =>
        messages.post(ctx, { channelId, clientId, body }),
    }),
  };
}
