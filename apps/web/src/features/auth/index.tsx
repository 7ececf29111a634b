import { createRoute } from '@tanstack/react-router';
import type { Feature } from '../../app/feature.ts';
import { rootRoute } from '../../app/root-route.tsx';
import { RequireSession } from './require-session.tsx';
import { SignInPage } from './sign-in-page.tsx';
import { SignUpPage } from './sign-up-page.tsx';

export { AccountMenu } from './account-menu.tsx';
export { useSession, useUser } from './use-session.ts';

/** Parent of every page that needs a signed-in user. */
export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  component: RequireSession,
});

/** The page that was asked for before signing in. */
const validateSearch = (search: Record<string, unknown>): { next?: string } =>
  typeof search.next === 'string' ? { next: search.next } : {};

export const authFeature: Feature = {
  name: 'auth',
  routes: [
    signedInRoute,
    createRoute({ getParentRoute: () => rootRoute, path: '/sign-in', validateSearch, component: SignInPage }),
    createRoute({ getParentRoute: () => rootRoute, path: '/sign-up', validateSearch, component: SignUpPage }),
  ],
};
