import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { Loaded } from '../../app/loaded.tsx';
import { placesOf } from '../../app/places.ts';
import { Redirect } from '../../app/redirect.tsx';
import { useClient, useServices } from '../../app/services.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadingNote } from '../../ui/skeleton.tsx';
import { AccountMenu, useUser } from '../auth/index.tsx';
import { NewOrganizationDialog } from './organization-menu.tsx';
import { organizationsQuery, useMembershipEvents } from './queries.ts';

/** `/`: leads to the organisation that was looked at last, else to the first one. */
export function HomePage() {
  const organizations = useQuery(organizationsQuery(useClient()));
  const [creating, setCreating] = useState(false);
  const places = placesOf(useUser().id);
  const last = places.find(({ orgId }) => organizations.data?.some(({ id }) => id === orgId));
  const first = organizations.data?.find(({ id }) => id === last?.orgId) ?? organizations.data?.[0];
  useMembershipEvents();

  // A dialog that somebody fills in is not taken away by an invitation that was accepted in another tab.
  if (first && !creating) return <Redirect to="/o/$orgId" params={{ orgId: first.id }} />;
  return (
    <main className="flex h-full flex-col">
      <Loaded
        query={organizations}
        isEmpty={(list) => list.length === 0}
        className="m-auto max-w-lg"
        loading={<LoadingNote>Loading</LoadingNote>}
        empty={
          <EmptyState
            title="You are in no organisation"
            action={<Button onClick={() => setCreating(true)}>Create an organisation</Button>}
          >
            Create one for your team, or ask somebody to add you to theirs.
          </EmptyState>
        }
      >
        {() => null}
      </Loaded>
      {creating && <NewOrganizationDialog onClose={() => setCreating(false)} />}
      {/* Not while it is open where to go: a menu that somebody has just opened would go with the page. */}
      {!organizations.isPending && (
        <div className="mt-auto bg-side text-side-ink">
          <AccountMenu />
        </div>
      )}
    </main>
  );
}

/** `/o/:orgId`: leads to the first page that a feature has for an organisation. */
export function OrganizationHome() {
  const { features } = useServices();
  const { orgId = '' } = useParams({ strict: false });
  const home = features.find((feature) => feature.home)?.home;
  return home ? <Redirect to={home(orgId)} /> : null;
}
