import type { Client } from '@plinth/client/core';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { allPages } from '../../app/all-pages.ts';

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
