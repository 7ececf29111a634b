import { contracts, routePath } from '@plinth/contracts';
import { type ClientOptions, createClientFor, routeTable } from './core.ts';
import type { Client } from './types.ts';

export * from './core.ts';

const routes = routeTable(contracts, routePath);

/**
 * A client of every route in the contracts: `client.<module>.<route>({ params, query, body }, { signal })`.
 * Where size counts, as in a web page, `createClientFor` of `@plinth/client/core` does the same without the
 * schemas.
 */
export const createClient = (options: ClientOptions): Client => createClientFor(routes, options);
