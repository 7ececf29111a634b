import type { Client } from '@plinth/client/core';
import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { allPages } from '../../app/all-pages.ts';
import { useServices } from '../../app/services.tsx';

export const organizationsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['organizations'],
    queryFn: ({ signal }) =>
      allPages((query) => client.organizations.listOrganizations({ query }, { signal })),
    select: ({ items }) => items,
  });

/** Page by page: an organisation may have thousands of members. */
export const membersQuery = (client: Client, orgId: string) =>
  infiniteQueryOptions({
    queryKey: ['organizations', orgId, 'members'],
    queryFn: ({ signal, pageParam: cursor }) =>
      client.organizations.listMembers({ params: { orgId }, query: { cursor } }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
  });

/** Memberships change while people look: what is shown of organisations is read again when the server says so. */
export const useMembershipEvents = (): void => {
  const { realtime } = useServices();
  const queries = useQueryClient();
  useEffect(() => {
    const refresh = () => void queries.invalidateQueries({ queryKey: ['organizations'] });
    const ends = [
      realtime.on('membership:changed', refresh),
      realtime.onStatus(() => realtime.status() === 'online' && refresh()),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [realtime, queries]);
};
