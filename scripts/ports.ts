/** The ports that the commands listen on, each with its variable; README names them, too. */
import type { NeededPort } from '@plinth/dev-services';

const API = { what: 'the API', variable: 'PORT', fallback: 4000 } as const;
const WEB = { what: 'the web app', variable: 'WEB_PORT', fallback: 3000 } as const;
const WORKER = { what: 'the worker', variable: 'WORKER_PORT', anyFree: true } as const;

/** Of PostgreSQL and Redis, where they are started here: any free port unless told. */
export const SERVICE_PORTS = [
  { what: 'PostgreSQL', variable: 'POSTGRES_PORT', fallback: 0, anyFree: true },
  { what: 'Redis', variable: 'REDIS_PORT', fallback: 0, anyFree: true },
] as const satisfies readonly NeededPort[];

export const DEV_PORTS = [
  API,
  WEB,
  { ...WORKER, fallback: 0 },
  ...SERVICE_PORTS,
] as const satisfies readonly NeededPort[];

/** Production mode serves the web app from the API. */
export const START_PORTS = [API, { ...WORKER, fallback: 4001 }] as const satisfies readonly NeededPort[];
