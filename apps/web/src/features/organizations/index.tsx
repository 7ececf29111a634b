import { createRoute } from '@tanstack/react-router';
import type { Feature } from '../../app/feature.ts';
import { signedInRoute } from '../auth/index.tsx';
import { HomePage, OrganizationHome } from './home-page.tsx';
import { InvitationsPage } from './invitations-page.tsx';
import { MembersPage } from './members-page.tsx';
import { OrganizationFrame } from './organization-frame.tsx';
import { OrganizationSideBar } from './side-bar.tsx';

export { organizationsQuery } from './queries.ts';
export { isManager, isWriter, useOrganization } from './use-organization.ts';

/** Parent of every page of one organisation. */
export const orgRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/o/$orgId',
  component: OrganizationFrame,
});

export const organizationsFeature: Feature = {
  name: 'organizations',
  routes: [
    orgRoute,
    createRoute({ getParentRoute: () => signedInRoute, path: '/', component: HomePage }),
    createRoute({ getParentRoute: () => signedInRoute, path: '/invitations', component: InvitationsPage }),
    createRoute({ getParentRoute: () => orgRoute, path: '/', component: OrganizationHome }),
    createRoute({ getParentRoute: () => orgRoute, path: 'members', component: MembersPage }),
  ],
  SideBar: OrganizationSideBar,
  home: (orgId) => `/o/${orgId}/members`,
};
