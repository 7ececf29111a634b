import type { Client } from '@plinth/client/core';
import type { Organization } from '@plinth/contracts';
import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { allPages } from '../../app/all-pages.ts';
import { useClient, useServices } from '../../app/services.tsx';

export const organizationsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['organizations'],
    queryFn: ({ signal }) =>
      allPages((query) => client.organizations.listOrganizations({ query }, { signal })),
    select: ({ items }) => items,
  });

/** One organisation, when the list may be older than the membership: only the server knows that there is none. */
export const organizationQuery = (client: Client, orgId: string) =>
  queryOptions({
    queryKey: ['organizations', orgId],
    queryFn: ({ signal }) => client.organizations.getOrganization({ params: { orgId } }, { signal }),
    // An answer of before would say nothing about now.
    staleTime: 0,
    gcTime: 0,
  });

/**
 * Puts what is known of one's own organisations into the list at once, so that no page judges by the one of before;
 * the list itself is read again behind it.
 */
export const useOwnOrganizations = () => {
  const client = useClient();
  const queries = useQueryClient();
  const change = (how: (list: readonly Organization[]) => readonly Organization[]) => {
    const { queryKey } = organizationsQuery(client);
    queries.setQueryData(queryKey, (known) => known && { items: [...how(known.items)] });
    void queries.invalidateQueries({ queryKey, exact: true });
  };
  return {
    joined: (organization: Organization) =>
      change((list) => [...list.filter(({ id }) => id !== organization.id), organization]),
    left: (orgId: string) => change((list) => list.filter(({ id }) => id !== orgId)),
  };
};

/** Whom an organisation has invited and who has not joined yet. */
export const openInvitationsQuery = (client: Client, orgId: string) =>
  queryOptions({
    queryKey: ['organizations', orgId, 'invitations'],
    queryFn: ({ signal }) =>
      allPages((query) => client.invitations.listInvitations({ params: { orgId }, query }, { signal })),
    select: ({ items }) => items,
  });

/** What the signed-in person is invited to. */
export const myInvitationsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['invitations'],
    queryFn: ({ signal }) => allPages((query) => client.invitations.listMyInvitations({ query }, { signal })),
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

/**
 * Memberships and invitations change while people look: what is shown of them is read again when the server says so,
 * and after an interruption, because what was missed is not repeated.
 */
export const useMembershipEvents = (): void => {
  const { realtime } = useServices();
  const queries = useQueryClient();
  useEffect(() => {
    const refresh = (...queryKey: ['organizations', orgId?: string] | ['invitations']) =>
      void queries.invalidateQueries({ queryKey });
    const ends = [
      realtime.on('membership:changed', () => refresh('organizations')),
      realtime.on('members:changed', ({ orgId }) => refresh('organizations', orgId)),
      realtime.on('invitation:changed', () => refresh('invitations')),
      realtime.onStatus(() => {
        if (realtime.status() !== 'online') return;
        refresh('organizations');
        refresh('invitations');
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [realtime, queries]);
};
