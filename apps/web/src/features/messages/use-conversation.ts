import { ApiError } from '@plinth/client/core';
import type { Message } from '@plinth/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { newId } from '../../app/secure-context.ts';
import { useServices } from '../../app/services.tsx';
import { useUser } from '../auth/index.tsx';
import { organizationsQuery } from '../organizations/index.tsx';
import { type Conversation, createConversation } from './conversation.ts';
import type { ConversationState } from './conversation-state.ts';

/** Size of one page of messages. */
const PAGE = 50;
/** How many of the newest arrivals are kept for screen readers. */
const MAX_ARRIVED = 5;

interface LiveConversation {
  readonly conversation: Conversation;
  readonly state: ConversationState;
  /** What others wrote while the page was open, newest last. */
  readonly arrived: readonly Message[];
  /** The connection stands, but the server does not send this channel's events. */
  readonly deaf: boolean;
  readonly listenAgain: () => void;
}

/** The conversation of one channel, kept up to date as long as the component is shown. */
export const useConversation = (orgId: string, channelId: string): LiveConversation => {
  const { client, realtime } = useServices();
  const queries = useQueryClient();
  const me = useUser();
  const [arrived, setArrived] = useState<readonly Message[]>([]);
  const [deaf, setDeaf] = useState(false);
  const [conversation] = useState(() => {
    const params = { orgId, channelId };
    return createConversation({
      list: (cursor) => client.messages.listMessages({ params, query: { cursor, limit: PAGE } }),
      post: (body) => client.messages.postMessage({ params, body }),
      edit: (messageId, body) =>
        client.messages.editMessage({ params: { ...params, messageId }, body: { body } }),
      remove: (messageId) => client.messages.deleteMessage({ params: { ...params, messageId } }),
      newId,
      now: () => new Date().toISOString(),
    });
  });
  const state = useSyncExternalStore(conversation.subscribe, conversation.state);

  const listen = useCallback(async () => {
    try {
      await realtime.call('channel:join', { orgId, channelId });
      setDeaf(false);
    } catch (error) {
      setDeaf(realtime.status() === 'online');
      // Refused: perhaps no longer a member. The list of organisations says so.
      if (error instanceof ApiError) void queries.invalidateQueries(organizationsQuery(client));
    }
    // After joining, not before: whatever is stored from now on comes as an event.
    await conversation.bringUpToDate();
    conversation.retryUnanswered();
  }, [client, queries, conversation, realtime, orgId, channelId]);

  useEffect(() => {
    const ours = (message: { readonly channelId: string }) => message.channelId === channelId;
    const release = realtime.use();
    const ends: (() => void)[] = [
      realtime.on('channel:entry', (entry) => {
        if (!ours(entry)) return;
        if (entry.type === 'deleted') return conversation.onDeleted(entry.messageId);
        const { message } = entry;
        if (entry.seq !== message.seq) return conversation.onEdited(message);
        conversation.onCreated(message);
        if (message.author.id !== me.id) setArrived((before) => [...before, message].slice(-MAX_ARRIVED));
      }),
      realtime.onStatus(() => realtime.status() === 'online' && void listen()),
    ];
    const resume = () => void (realtime.status() === 'online' ? listen() : conversation.bringUpToDate());
    resume();
    // The socket may outlive a short loss of the network in which a message could not be sent.
    addEventListener('online', resume);
    ends.push(() => removeEventListener('online', resume));

    return () => {
      if (realtime.status() === 'online') {
        // Nobody waits for the answer: events of another channel are ignored anyway.
        realtime.call('channel:leave', { orgId, channelId }).catch(() => {});
      }
      for (const end of ends) end();
      release();
    };
  }, [conversation, realtime, listen, orgId, channelId, me.id]);

  return { conversation, state, arrived, deaf, listenAgain: () => void listen() };
};
