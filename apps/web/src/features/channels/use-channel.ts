import type { Channel } from '@plinth/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect } from 'react';
import { useClient, useServices } from '../../app/services.tsx';
import { useOrganization } from '../organizations/index.tsx';
import { channelsQuery } from './queries.ts';

export const ChannelContext = createContext<Channel | undefined>(undefined);

/** The channel of the page; only below `channelRoute`. */
export const useChannel = (): Channel => {
  const channel = useContext(ChannelContext);
  if (!channel) throw new Error('useChannel needs a channel: put the page below channelRoute');
  return channel;
};

/** The channels of the organisation of the page. */
export const useChannels = () => useQuery(channelsQuery(useClient(), useOrganization().id));

/** Keeps the list of channels up to date: a new one shows without loading the page again. */
export const useChannelEvents = (): void => {
  const { client, realtime } = useServices();
  const queries = useQueryClient();
  const { id: orgId } = useOrganization();
  useEffect(() => {
    const refresh = () => void queries.invalidateQueries(channelsQuery(client, orgId));
    const ends = [
      realtime.on('channel:created', (channel) => channel.orgId === orgId && refresh()),
      // What was missed while the connection was down is not repeated.
      realtime.onStatus(() => realtime.status() === 'online' && refresh()),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [client, realtime, queries, orgId]);
};
