import type { Client } from '@plinth/client/core';
import { queryOptions } from '@tanstack/react-query';
import { allPages } from '../../app/all-pages.ts';

export const channelsQuery = (client: Client, orgId: string) =>
  queryOptions({
    queryKey: ['channels', orgId],
    queryFn: ({ signal }) =>
      allPages((query) => client.channels.listChannels({ params: { orgId }, query }, { signal })),
    select: ({ items }) => items,
  });

export const channelQuery = (client: Client, orgId: string, channelId: string) =>
  queryOptions({
    queryKey: ['channels', orgId, channelId],
    queryFn: ({ signal }) => client.channels.getChannel({ params: { orgId, channelId } }, { signal }),
  });
