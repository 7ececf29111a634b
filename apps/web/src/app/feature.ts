import type { AnyRoute } from '@tanstack/react-router';
import type { ComponentType } from 'react';

/** What a feature adds to the app. `src/routes.tsx` lists them; nothing else knows which ones there are. */
export interface Feature {
  readonly name: string;
  /** In any order: each names its parent by `getParentRoute`, which may belong to another feature. */
  readonly routes: readonly AnyRoute[];
  /** A section of an organisation's side bar. */
  readonly SideBar?: ComponentType;
  /** Address of an organisation's first page; the first feature in the list that has one decides. */
  readonly home?: (orgId: string) => string;
}
