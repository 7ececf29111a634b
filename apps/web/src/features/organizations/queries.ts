import type { Client } from '@plinth/client/core';
import { queryOptions } from '@tanstack/react-query';

export const organizationsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['organizations'],
    queryFn: ({ signal }) => client.organizations.listOrganizations({}, { signal }),
    select: ({ items }) => items,
  });

export const membersQuery = (client: Client, orgId: string) =>
  queryOptions({
    queryKey: ['organizations', orgId, 'members'],
    queryFn: ({ signal }) => client.organizations.listMembers({ params: { orgId } }, { signal }),
    select: ({ items }) => items,
  });
