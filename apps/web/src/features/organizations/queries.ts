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
    const refresh = (queryKey: 'organizations' | 'invitations') =>
      void queries.invalidateQueries({ queryKey: [queryKey] });
    const ends = [
      realtime.on('membership:changed', () => refresh('organizations')),
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
