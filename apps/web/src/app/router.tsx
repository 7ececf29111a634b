import { type AnyRoute, createRouter } from '@tanstack/react-router';
import { ErrorPage } from './error-page.tsx';
import type { Feature } from './feature.ts';
import { NotFoundPage } from './not-found-page.tsx';
import { rootRoute } from './root-route.tsx';

/** Puts every route below the parent that it names. */
const withChildren = (route: AnyRoute, all: readonly AnyRoute[]): AnyRoute => {
  const children = all.filter((child) => child.options.getParentRoute?.() === route);
  return children.length === 0 ? route : route.addChildren(children.map((child) => withChildren(child, all)));
};

export const createAppRouter = (features: readonly Feature[]) =>
  createRouter({
    routeTree: withChildren(
      rootRoute,
      features.flatMap(({ routes }) => routes),
    ),
    defaultErrorComponent: ErrorPage,
    defaultNotFoundComponent: NotFoundPage,
    defaultPreload: false,
    scrollRestoration: false,
  });
