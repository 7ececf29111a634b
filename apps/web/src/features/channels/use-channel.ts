import type { Channel } from '@plinth/contracts';
import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { useClient } from '../../app/services.tsx';
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
