/** The servers that are measured: one process each, all on the Node that runs the bench. */
import { existsSync, truncateSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { freePort, type RunningProcess, startProcess } from '@plinth/dev-services';
import type { PlainSetup } from './servers/setup.ts';

export interface Server {
  readonly port: number;
  readonly pid: number;
  close(): Promise<void>;
}

const READY_WITHIN_MS = 30_000;
const POLL_MS = 5;
const DIST = resolve(import.meta.dirname, '../dist');

/** Starts one of the plain servers in `servers/`. */
export async function startPlain(name: 'node-http' | 'express', setup: PlainSetup): Promise<Server> {
  const child = await startProcess({
    command: process.execPath,
    args: [resolve(import.meta.dirname, `servers/${name}.ts`), JSON.stringify(setup)],
    env: { NODE_ENV: 'production' },
  });
  if (!(await child.waitForLine(/^ready on \d+$/)))
    throw new Error(`The server ${name} did not start:\n${child.log()}`);
  const port = Number(/^ready on (\d+)$/m.exec(child.log())?.[1]);
  return { port, pid: child.pid, close: () => child.close() };
}

export interface PlinthSetup {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly otlpUrl: string;
  readonly sentryDsn: string;
  /** The same for every start, so that a token is good at all of them. */
  readonly secrets: { readonly access: string; readonly refresh: string; readonly metrics: string };
  /** Folder for the log. */
  readonly folder: string;
  /** Variables that differ from the ones chosen here. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further options for Node, such as a profiler's. */
  readonly nodeOptions?: readonly string[];
}

/** Production's defaults with everything switched on; limits that count but do not refuse. */
function environment(setup: PlinthSetup, port: number): Record<string, string> {
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(port),
    WEB_ORIGIN: `http://localhost:${port}`,
    DATABASE_URL: setup.databaseUrl,
    REDIS_URL: setup.redisUrl,
    JWT_SECRET: setup.secrets.access,
    JWT_REFRESH_SECRET: setup.secrets.refresh,
    ACCESS_TOKEN_MINUTES: '60',
    RATE_LIMIT_GENERAL: '100000000/hour',
    RATE_LIMIT_AUTH: '100000000/hour',
    METRICS_TOKEN: setup.secrets.metrics,
    OTEL_EXPORTER_OTLP_ENDPOINT: setup.otlpUrl,
    SENTRY_DSN: setup.sentryDsn,
    SENTRY_TRACES_SAMPLE_RATE: '0.1',
    SHUTDOWN_DRAIN_SECONDS: '0',
    ...setup.env,
  };
}

async function untilReady(port: number, child: RunningProcess): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  let ended = false;
  void child.exited.then(() => {
    ended = true;
  });
  while (!ended && performance.now() < deadline) {
    const reply = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    await reply?.arrayBuffer();
    if (reply?.ok) return;
    await wait(POLL_MS);
  }
  throw new Error(
    `The built API ${ended ? 'ended at its start' : `was not ready within ${READY_WITHIN_MS / 1000} s`}:\n${child.log()}`,
  );
}

export type PlinthServer = Server & {
  /** From the start of the process to the first 200 of `/readyz`, in milliseconds. */
  readonly readyMs: number;
  /** Throws away what it has logged so far. */
  readonly emptyLog: () => void;
};

/**
 * Starts the built API. Its worker is not part of the comparison: publishing the outbox is another process's work.
 * @throws when it is not built, or not ready in time
 */
export async function startPlinth(setup: PlinthSetup): Promise<PlinthServer> {
  const main = join(DIST, 'main.js');
  if (!existsSync(main)) throw new Error('The backend is not built. Run "npm run build" first.');
  const port = await freePort();
  const log = join(setup.folder, `api-${port}.log`);
  const startedAt = performance.now();
  const child = await startProcess({
    command: '/bin/sh',
    // The log goes to a file, as a real destination; appending, so that it can be cut while it is written.
    args: [
      '-c',
      'exec "$@" >>"$0"',
      log,
      process.execPath,
      ...(setup.nodeOptions ?? []),
      '--import',
      pathToFileURL(join(DIST, 'instrument.js')).href,
      main,
    ],
    env: environment(setup, port),
  });
  try {
    await untilReady(port, child);
  } catch (error) {
    await child.close();
    throw error;
  }
  return {
    port,
    pid: child.pid,
    readyMs: performance.now() - startedAt,
    emptyLog: () => truncateSync(log),
    close: () => child.close(),
  };
}
