import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { Loaded } from '../../app/loaded.tsx';
import { PageHeading } from '../../app/page-heading.tsx';
import { placesOf } from '../../app/places.ts';
import { Redirect } from '../../app/redirect.tsx';
import { useClient, useServices } from '../../app/services.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Mark } from '../../ui/logo.tsx';
import { LoadingNote } from '../../ui/skeleton.tsx';
import { useUser } from '../auth/index.tsx';
import { MyInvitations } from './my-invitations.tsx';
import { NewOrganizationDialog } from './organization-menu.tsx';
import { PersonalFrame } from './personal-frame.tsx';
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
  // Not yet the frame with its menus: they would go when it is known where to lead.
  if (organizations.isPending) {
    return (
      <main className="flex h-full items-center justify-center">
        <Mark className="size-12 animate-breathe text-line-strong" />
        <LoadingNote>Loading</LoadingNote>
      </main>
    );
  }
  const create = () => setCreating(true);
  return (
    <PersonalFrame>
      <title>Plinth</title>
      <Loaded
        query={organizations}
        isEmpty={(list) => list.length === 0}
        className="m-6"
        loading={null}
        empty={
          <div className="mx-auto flex w-full max-w-3xl flex-1 flex-col px-4 py-6 sm:px-8 sm:py-10">
            <MyInvitations
              around={(list) => (
                <>
                  <header className="pb-2">
                    <PageHeading className="text-3xl font-semibold">Invitations</PageHeading>
                    <p className="text-muted">
                      You become a member when you accept. Nobody is told when you decline.
                    </p>
                  </header>
                  {list}
                  <Button look="quiet" className="mt-2 self-start" onClick={create}>
                    Create an organisation of your own
                  </Button>
                </>
              )}
              empty={
                <EmptyState
                  title="You are in no organisation"
                  Heading={PageHeading}
                  action={<Button onClick={create}>Create an organisation</Button>}
                >
                  Create one for your team, or ask somebody to invite you: invitations appear here.
                </EmptyState>
              }
            />
          </div>
        }
      >
        {() => null}
      </Loaded>
      {creating && <NewOrganizationDialog onClose={() => setCreating(false)} />}
    </PersonalFrame>
  );
}

/** `/o/:orgId`: leads to the first page that a feature has for an organisation. */
export function OrganizationHome() {
  const { features } = useServices();
  const { orgId = '' } = useParams({ strict: false });
  const home = features.find((feature) => feature.home)?.home;
  return home ? <Redirect to={home(orgId)} /> : null;
}
