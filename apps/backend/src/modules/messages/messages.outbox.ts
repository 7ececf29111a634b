import { Message, messagesEvents } from '@plinth/contracts';
import type { OutboxHandler } from '../../platform/outbox.ts';
import type { Broadcaster } from '../../realtime/rooms.ts';

const { 'message:deleted': Deleted } = messagesEvents.server;

/** Room of everybody who listens to a channel. */
export const channelRoom = (channelId: string): string => `channel:${channelId}`;

/** How committed changes of messages reach the people in the channel. */
export const messageOutbox = ({ broadcast }: Broadcaster) =>
  ({
    'message.created': async (payload) => {
      const message = Message.parse(payload);
      await broadcast(channelRoom(message.channelId), 'message:created', message);
    },
    'message.edited': async (payload) => {
      const message = Message.parse(payload);
      await broadcast(channelRoom(message.channelId), 'message:edited', message);
    },
    'message.deleted': async (payload) => {
      const deleted = Deleted.parse(payload);
      await broadcast(channelRoom(deleted.channelId), 'message:deleted', deleted);
    },
  }) satisfies Record<string, OutboxHandler>;
