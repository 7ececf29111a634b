import type { AnyRoute } from '@tanstack/react-router';
import type { ComponentType, ReactNode } from 'react';

/** What a feature adds to the app. `src/routes.tsx` lists them; nothing else knows which ones there are. */
export interface Feature {
  readonly name: string;
  /** In any order: each names its parent by `getParentRoute`, which may belong to another feature. */
  readonly routes: readonly AnyRoute[];
  /** A section of an organisation's side bar. */
  readonly SideBar?: ComponentType;
  /** Address of an organisation's first page; the first feature in the list that has one decides. */
  readonly home?: (orgId: string) => string;
  /** Around every page of a signed-in person: for what goes on whichever page is open. */
  readonly Provider?: ComponentType<{ readonly children: ReactNode }>;
  /** What signing out would delete from this browser for good, in words; undefined when there is nothing. */
  readonly unsaved?: (userId: string) => string | undefined;
}
