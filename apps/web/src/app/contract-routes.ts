import type { RouteTable } from '@plinth/client/core';

/** Put in by the build (vite.config.ts): method and path of every route in the contracts. */
declare const __ROUTES__: RouteTable;

export const contractRoutes = __ROUTES__;
