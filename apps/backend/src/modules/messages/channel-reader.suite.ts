import { type ChannelSync, createChannelSync } from '@plinth/client/sync';
import type { ChannelEntry, Message } from '@plinth/contracts';
import { io } from 'socket.io-client';
import { clientOf, type Person } from '../../testing/factories.ts';
import { ask, type TestSocket } from '../../testing/sockets.ts';

interface Place {
  readonly orgId: string;
  readonly channelId: string;
}

/**
 * Somebody who reads a channel at one instance as the web app does: with its sync engine, over a socket that reconnects
 * by itself. `heard` holds what came live, in its order.
 */
export function readChannel(url: string, person: Pick<Person, 'accessToken'>, place: Place) {
  const api = clientOf(url).client(person.accessToken);
  const heard: ChannelEntry[] = [];
  const socket: TestSocket = io(url, {
    transports: ['websocket'],
    auth: { token: person.accessToken },
    reconnectionDelay: 50,
    reconnectionDelayMax: 250,
    forceNew: true,
  });
  const sync: ChannelSync<Message> = createChannelSync<Message>({
    list: (cursor) =>
      api.messages.listMessages({ params: place, query: { limit: 100, ...(cursor && { cursor }) } }),
    changes: (after) => api.messages.listChanges({ params: place, query: { after } }),
    async join() {
      const reply = await ask(socket, 'channel:join', place);
      if (!reply.ok) throw new Error(reply.problem.detail);
      return reply.data;
    },
    edit: (messageId, body) => api.messages.editMessage({ params: { ...place, messageId }, body: { body } }),
    remove: (messageId) => api.messages.deleteMessage({ params: { ...place, messageId } }),
    later: (ms, task) => {
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
  });
  sync.start();
  socket.on('connect', () => sync.connected());
  socket.on('disconnect', () => sync.disconnected());
  socket.on('channel:entry', (entry) => {
    if (entry.channelId !== place.channelId) return;
    heard.push(entry);
    sync.entry(entry);
  });
  return {
    socket,
    heard: heard as readonly ChannelEntry[],
    ready: () => sync.state().phase === 'ready' && !sync.state().deaf,
    /** Texts as they are shown. */
    shown: () => sync.state().messages.map(({ body }) => body),
    close() {
      sync.stop();
      socket.close();
    },
  };
}

export type ChannelReader = ReturnType<typeof readChannel>;
