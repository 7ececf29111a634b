import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams } from '@tanstack/react-router';
import { isNotFound } from '../../app/explain.ts';
import { Loaded } from '../../app/loaded.tsx';
import { NotFoundPage } from '../../app/not-found-page.tsx';
import { useClient, useServices } from '../../app/services.tsx';
import { Shell } from '../../app/shell.tsx';
import { LoadingNote, Skeleton } from '../../ui/skeleton.tsx';
import { AccountMenu } from '../auth/index.tsx';
import { OrganizationMenu } from './organization-menu.tsx';
import { organizationQuery, organizationsQuery, useMembershipEvents } from './queries.ts';
import { OrganizationContext } from './use-organization.ts';

/** Everything of one organisation: its side bar with a section of each feature, and the page. */
export function OrganizationFrame() {
  const { orgId = '' } = useParams({ strict: false });
  const { features } = useServices();
  const client = useClient();
  const organizations = useQuery(organizationsQuery(client));
  const listed = organizations.data?.find(({ id }) => id === orgId);
  const single = useQuery({
    ...organizationQuery(client, orgId),
    enabled: !organizations.isPending && !listed,
  });
  const asked = organizations.data ? single : organizations;
  useMembershipEvents();
  const organization = listed ?? (single.isSuccess ? single.data : undefined);

  if (!organization && isNotFound(single.error)) return <NotFoundPage />;
  return (
    <OrganizationContext value={organization}>
      <Shell
        side={
          <>
            {organization && <OrganizationMenu organizations={organizations.data ?? [organization]} />}
            <nav
              aria-label="Organisation"
              className="flex min-h-0 flex-1 flex-col gap-5 overflow-y-auto px-2 py-3"
            >
              {organization
                ? features.map(({ name, SideBar }) => SideBar && <SideBar key={name} />)
                : !asked.error && <SideSkeleton />}
            </nav>
            <AccountMenu />
          </>
        }
      >
        {organization ? (
          <Outlet key={organization.id} />
        ) : (
          <main id="main" className="p-6">
            <Loaded
              query={{ data: undefined, error: asked.error, refetch: asked.refetch }}
              isEmpty={() => false}
              loading={<LoadingNote>Loading</LoadingNote>}
              empty={null}
            >
              {() => null}
            </Loaded>
          </main>
        )}
      </Shell>
    </OrganizationContext>
  );
}

function SideSkeleton() {
  return (
    <div className="flex flex-col gap-4 p-2" aria-hidden="true">
      {['w-40', 'w-28', 'w-36', 'w-24'].map((width) => (
        <Skeleton key={width} className={`${width} bg-side-raised`} />
      ))}
    </div>
  );
}
