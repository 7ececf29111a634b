import { ChannelEntry, Id, Seq } from '@plinth/contracts';
import { z } from 'zod';
import type { OutboxHandler } from '../../platform/outbox.ts';
import { type Broadcaster, room } from '../../realtime/rooms.ts';
import type { MessageRepository } from './messages.repository.ts';
import { toEntry } from './messages.view.ts';

/** Events name the message and never hold its text: what was deleted is nowhere else to be found. */
const Created = z.object({ orgId: Id, channelId: Id, messageId: Id });
const Changed = Created.extend({ seq: Seq });

/** How committed changes of messages reach the people in the channel. */
export const messageOutbox =
  (repository: MessageRepository) =>
  ({ broadcast }: Broadcaster) => {
    const tell = async (event: z.output<typeof Created>, seq?: number) => {
      const row = await repository.find(event);
      // Gone with its channel or organisation: nobody is left to tell.
      if (!row) return;
      const entry = ChannelEntry.parse(toEntry(row, seq ?? row.seq));
      await broadcast(room.channel(event.orgId, event.channelId), 'channel:entry', entry);
    };
    return {
      'message.created': (payload) => tell(Created.parse(payload)),
      'message.changed': (payload) => {
        const { seq, ...event } = Changed.parse(payload);
        return tell(event, seq);
      },
    } satisfies Record<string, OutboxHandler>;
  };
