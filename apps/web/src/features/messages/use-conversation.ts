import { ApiError } from '@plinth/client/core';
import { type ChannelState, type ChannelSync, createChannelSync, type Outgoing } from '@plinth/client/sync';
import type { Message } from '@plinth/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useServices } from '../../app/services.tsx';
import { useUser } from '../auth/index.tsx';
import { organizationsQuery } from '../organizations/index.tsx';
import { useUnsent } from './unsent.tsx';

/** Size of one page of messages. */
const PAGE = 50;
/** How many of the newest arrivals are kept for screen readers. */
const MAX_ARRIVED = 5;

export type Conversation = ChannelSync<Message>;
export type ConversationState = ChannelState<Message>;

interface LiveConversation {
  readonly conversation: Conversation;
  readonly state: ConversationState;
  /** What was written here and is not stored yet. */
  readonly outgoing: readonly Outgoing[];
  /** What others wrote while the page was open, newest last. */
  readonly arrived: readonly Message[];
}

/** The conversation of one channel, kept up to date as long as the component is shown. */
export const useConversation = (orgId: string, channelId: string): LiveConversation => {
  const { client, realtime } = useServices();
  const { outgoing } = useUnsent();
  const queries = useQueryClient();
  const me = useUser();
  const [arrived, setArrived] = useState<readonly string[]>([]);
  const [conversation] = useState(() => {
    const params = { orgId, channelId };
    return createChannelSync<Message>({
      list: (cursor) => client.messages.listMessages({ params, query: { cursor, limit: PAGE } }),
      changes: (after) => client.messages.listChanges({ params, query: { after } }),
      join: async () => {
        try {
          return await realtime.call('channel:join', params);
        } catch (error) {
          // Refused: perhaps no longer a member. The list of organisations says so.
          if (error instanceof ApiError) void queries.invalidateQueries(organizationsQuery(client));
          throw error;
        }
      },
      edit: (messageId, body) =>
        client.messages.editMessage({ params: { ...params, messageId }, body: { body } }),
      remove: (messageId) => client.messages.deleteMessage({ params: { ...params, messageId } }),
      later: (ms, task) => {
        const timer = setTimeout(task, ms);
        return () => clearTimeout(timer);
      },
      random: Math.random,
    });
  });
  const state = useSyncExternalStore(conversation.subscribe, conversation.state);
  const { items } = useSyncExternalStore(outgoing.subscribe, outgoing.state);

  useEffect(() => {
    const release = realtime.use();
    const follow = () => {
      if (realtime.status() === 'online') conversation.connected();
      else conversation.disconnected();
    };
    const onVisible = () => document.visibilityState === 'visible' && conversation.check();
    const ends = [
      realtime.on('channel:entry', (entry) => {
        if (entry.channelId !== channelId) return;
        conversation.entry(entry);
        if (entry.type === 'deleted' || entry.seq !== entry.message.seq) return;
        const { message } = entry;
        if (message.author.id === me.id) outgoing.confirmed(message.clientId);
        else setArrived((before) => [...before, message.id].slice(-MAX_ARRIVED));
      }),
      outgoing.onStored((place, message) => place.channelId === channelId && conversation.posted(message)),
      realtime.onStatus(follow),
    ];
    conversation.start();
    follow();
    addEventListener('online', conversation.check);
    document.addEventListener('visibilitychange', onVisible);

    return () => {
      if (realtime.status() === 'online') {
        // Nobody waits for the answer: events of another channel are ignored anyway.
        realtime.call('channel:leave', { orgId, channelId }).catch(() => {});
      }
      conversation.stop();
      removeEventListener('online', conversation.check);
      document.removeEventListener('visibilitychange', onVisible);
      for (const end of ends) end();
      release();
    };
  }, [conversation, outgoing, realtime, orgId, channelId, me.id]);

  return {
    conversation,
    state,
    outgoing: items.filter((item) => item.channelId === channelId),
    // Only ids are remembered: what was edited or deleted since is so here as well.
    arrived: state.messages.filter(({ id }) => arrived.includes(id)),
  };
};
