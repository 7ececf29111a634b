/** The built product as processes of its own: for browser tests and benchmarks. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { freePort, type RunningProcess, randomPassword, startProcess } from '@plinth/dev-services';
import { namespaceOf } from './namespace.ts';

export interface BuiltAppOptions {
  readonly databaseUrl: string;
  readonly redisUrl?: string;
  /** Variables that differ from production's defaults. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where the backend has been built; default `apps/backend/dist`. */
  readonly dist?: string;
  /** Also start the worker; it publishes the outbox when there is Redis. Default true. */
  readonly worker?: boolean;
}

const DIST = resolve(import.meta.dirname, '../../dist');
const READY_WITHIN_MS = 30_000;

const start = (
  dist: string,
  file: string,
  env: Record<string, string>,
  onLine: (line: string) => void,
): Promise<RunningProcess> =>
  startProcess({
    onLine,
    command: process.execPath,
    args: ['--import', pathToFileURL(resolve(dist, 'instrument.js')).href, resolve(dist, file)],
    env: { PATH: process.env.PATH ?? '', ...env },
  });

/** Resolves when the API at this address is ready; rejects when its process ends or takes too long. */
export async function untilReady(
  url: string,
  api: { readonly exited: Promise<unknown>; log(): string },
): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  let ended = false;
  void api.exited.then(() => {
    ended = true;
  });
  while (Date.now() < deadline && !ended) {
    const reply = await fetch(`${url}/readyz`).catch(() => undefined);
    if (reply?.ok) return;
    await wait(50);
  }
  throw new Error(`The built API was not ready within ${READY_WITHIN_MS / 1000} s:\n${api.log()}`);
}

/** The environment of a process in production mode, and where it will listen. */
export async function productionEnv(options: BuiltAppOptions) {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const env = {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(port),
    WEB_ORIGIN: url,
    DATABASE_URL: options.databaseUrl,
    JWT_SECRET: randomPassword() + randomPassword(),
    JWT_REFRESH_SECRET: randomPassword() + randomPassword(),
    RATE_LIMIT_GENERAL: '100000000/hour',
    RATE_LIMIT_AUTH: '100000000/hour',
    RATE_LIMIT_ACCOUNT: '100000000/hour',
    RATE_LIMIT_SESSION: '100000000/hour',
    RATE_LIMIT_PROBES: '100000000/hour',
    SOCKET_HANDSHAKES: '100000000/hour',
    RATE_LIMIT_INVITATIONS: '100000000/hour',
    RATE_LIMIT_ORGANIZATIONS: '100000000/hour',
    WORKER_PORT: '0',
    SHUTDOWN_DRAIN_SECONDS: '0',
    REDIS_NAMESPACE: namespaceOf(options.databaseUrl),
    ...(options.redisUrl && { REDIS_URL: options.redisUrl }),
    ...options.env,
  };
  return { url, env: env as Record<string, string> };
}

/** Starts the worker alone; its environment has to be that of the API it belongs to. */
export const startBuiltWorker = async (options: BuiltAppOptions): Promise<RunningProcess> => {
  const { env } = await productionEnv(options);
  const worker = await start(options.dist ?? DIST, 'worker.js', env, () => {});
  if (await worker.waitForLine(/Listening on/)) return worker;
  throw new Error(`The built worker ended at once:\n${worker.log()}`);
};

/**
 * Starts API and worker from `apps/backend/dist` in production mode on a free port.
 * @throws when they are not built, or not ready in time; the error holds the end of the log
 */
export async function startBuiltApp(options: BuiltAppOptions) {
  const { dist = DIST } = options;
  if (!existsSync(resolve(dist, 'main.js')))
    throw new Error('The backend is not built. Run "npm run build" first.');
  const { url, env } = await productionEnv(options);
  const lines: string[] = [];
  const collect = (line: string) => void lines.push(line);
  const processes = [await start(dist, 'main.js', env, collect)];
  if (options.worker !== false) processes.push(await start(dist, 'worker.js', env, collect));
  const close = async () => {
    await Promise.all(processes.map((child) => child.close()));
  };
  try {
    const [api] = processes;
    if (api) await untilReady(url, api);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url,
    pid: processes[0]?.pid ?? 0,
    /** Everything its processes have printed. */
    lines: lines as readonly string[],
    log: () => processes.map((child) => child.log()).join('\n'),
    /** Signals all its processes. */
    signal: (name: NodeJS.Signals) => {
      for (const { pid } of processes) process.kill(pid, name);
    },
    /** How its processes ended: the API first, then the worker. */
    exits: () => Promise.all(processes.map(({ exited }) => exited)),
    close,
  };
}

export type BuiltApp = Awaited<ReturnType<typeof startBuiltApp>>;
