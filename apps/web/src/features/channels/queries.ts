import type { Client } from '@plinth/client/core';
import { queryOptions } from '@tanstack/react-query';

export const channelsQuery = (client: Client, orgId: string) =>
  queryOptions({
    queryKey: ['channels', orgId],
    queryFn: ({ signal }) => client.channels.listChannels({ params: { orgId } }, { signal }),
    select: ({ items }) => items,
  });

export const channelQuery = (client: Client, orgId: string, channelId: string) =>
  queryOptions({
    queryKey: ['channels', orgId, channelId],
    queryFn: ({ signal }) => client.channels.getChannel({ params: { orgId, channelId } }, { signal }),
  });
