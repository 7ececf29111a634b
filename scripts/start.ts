/**
 * `npm start` after `npm run build`: API and worker in production mode. Without DATABASE_URL it is a trial on this
 * folder's development services and secrets, with a database and a Redis namespace of its own: the API and worker of
 * "npm run dev" may run meanwhile, perhaps of another version.
 */
import './loopback.mjs';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  checkStorage,
  choosePorts,
  DevServiceError,
  ensureDatabase,
  explain,
  lockHolder,
  onStopRequest,
  type RunningProcess,
  readSecrets,
  redisNamespace,
  renderWelcome,
  type ServicesInfo,
  startProcess,
  toEnvironment,
  untilAnswers,
  waitForLockRelease,
  waitForServices,
  withDatabase,
  withoutPassword,
} from '@plinth/dev-services';
import { judgeBuilds } from './build-stamp.ts';
import { type Filled, fillDatabase } from './fill-database.ts';
import { BACKEND, DEV, ROOT, WEB } from './folders.ts';
import { START_PORTS } from './ports.ts';

const BUILT = [join(BACKEND, 'dist/main.js'), join(BACKEND, 'dist/worker.js'), join(WEB, 'dist/index.html')];
/** Draining and the longest request together; see SHUTDOWN_DRAIN_SECONDS and SHUTDOWN_TIMEOUT_SECONDS. */
const APP_STOP_TIMEOUT_MS = 60_000;
const SERVICES_STOP_TIMEOUT_MS = 15_000;
const DATABASE_NAME = 'plinth_start';

const { env } = process;

type Environment = Record<string, string | undefined>;

const stopping = new AbortController();
const apps: RunningProcess[] = [];
let ownServices: RunningProcess | undefined;

/** Starts a process of the product; when it ends by itself, everything ends. */
async function run(
  name: string,
  args: string[],
  environment: Environment,
  stopTimeoutMs: number,
): Promise<RunningProcess> {
  stopping.signal.throwIfAborted();
  const child = await startProcess({
    command: process.execPath,
    args,
    cwd: ROOT,
    env: environment,
    output: 'inherit',
    stopTimeoutMs,
  });
  void child.exited.then(({ code, signal }) => {
    if (stopping.signal.aborted) return;
    console.error(
      `The ${name} has ended unexpectedly (${signal ?? `exit code ${code}`}): see its output above.`,
    );
    void end(1);
  });
  return child;
}

/** The services that "npm run dev" uses, running already or started here. */
async function developmentServices(): Promise<ServicesInfo> {
  // A database command has the data for itself for a moment.
  if (lockHolder(DEV)?.command !== undefined) await waitForLockRelease(DEV);
  if (lockHolder(DEV) === undefined) {
    const services = join(import.meta.dirname, 'services.ts');
    ownServices = await run(
      'services process',
      ['--conditions=development', services, '--quiet'],
      { ...env, NODE_ENV: 'development' },
      SERVICES_STOP_TIMEOUT_MS,
    );
  }
  return waitForServices(DEV, { signal: stopping.signal });
}

/** What the trial adds to the environment; whatever is set wins. */
async function trialEnvironment(services: ServicesInfo, url: string): Promise<Environment> {
  return {
    REDIS_NAMESPACE: redisNamespace(DEV, 'start'),
    ...(await readSecrets(BACKEND)),
    ...toEnvironment(services),
    HOST: '127.0.0.1',
    WEB_ORIGIN: url,
    SHUTDOWN_DRAIN_SECONDS: '0',
  };
}

/** The running services with this trial's own database, migrated and with demo data. */
async function trialServices(): Promise<{ services: ServicesInfo; filled: Filled }> {
  const shared = await developmentServices();
  await ensureDatabase(shared.directUrl, DATABASE_NAME);
  const services = {
    ...shared,
    databaseUrl: withDatabase(shared.databaseUrl, DATABASE_NAME),
    directUrl: withDatabase(shared.directUrl, DATABASE_NAME),
  };
  return { services, filled: await fillDatabase(services.databaseUrl, services.directUrl) };
}

async function start(): Promise<void> {
  const missing = BUILT.find((path) => !existsSync(path));
  if (missing !== undefined) throw new DevServiceError('Nothing is built yet: run "npm run build" first.');
  const stale = await judgeBuilds(
    ROOT,
    [BACKEND, WEB].map((folder) => relative(ROOT, folder)),
  );
  if (stale !== undefined) console.warn(stale);
  const trial = !env.DATABASE_URL;
  if (trial) checkStorage([DEV, BACKEND], DEV);
  const ports = await choosePorts(START_PORTS, trial ? { ...(await readSecrets(BACKEND)), ...env } : env);

  const url = `http://localhost:${ports.PORT}`;
  let services: ServicesInfo | undefined;
  let filled: Filled | undefined;
  if (trial) {
    console.log(
      'DATABASE_URL is not set: this is a trial on a database of its own in .dev, with the development secrets of apps/backend/.env.',
    );
    ({ services, filled } = await trialServices());
  }
  const appEnv: Environment = {
    ...(services === undefined ? {} : await trialEnvironment(services, url)),
    ...env,
    PORT: `${ports.PORT}`,
    NODE_ENV: 'production',
  };
  const built = (file: string) => [
    '--import',
    pathToFileURL(join(BACKEND, 'dist/instrument.js')).href,
    join(BACKEND, 'dist', file),
  ];
  apps.push(await run('API', built('main.js'), appEnv, APP_STOP_TIMEOUT_MS));
  apps.push(await run('worker', built('worker.js'), appEnv, APP_STOP_TIMEOUT_MS));
  await untilAnswers(`${url}/readyz`, stopping.signal);

  if (services === undefined) {
    console.log(`Plinth is running in production mode on port ${ports.PORT}. Ctrl-C stops it.`);
    return;
  }
  const { demoAccounts } = await import('../prisma/seed.ts');
  const { databaseUrl, redisUrl } = services;
  console.log(
    renderWelcome({
      title: 'Plinth is running in production mode.',
      web: url,
      api: url,
      database: withoutPassword(databaseUrl),
      dataFolder: relative(ROOT, join(DEV, 'postgres')),
      ...(redisUrl === undefined ? {} : { redis: withoutPassword(redisUrl) }),
      accounts: filled?.seeded ? demoAccounts : [],
      notes: filled?.notes ?? [],
    }),
  );
}

let ending: Promise<void> | undefined;

/** Ends API and worker together, then the services that they use, then this process. */
function end(code: number): Promise<void> {
  ending ??= (async () => {
    stopping.abort();
    await started;
    await Promise.all(apps.map((app) => app.close()));
    await ownServices?.close();
    process.exit(code);
  })();
  return ending;
}

const started = start().catch((error: unknown) => {
  if (stopping.signal.aborted) return;
  console.error(explain(error));
  void end(1);
});

onStopRequest({
  stop: () => void end(0),
  // The API takes a second signal as "at once".
  insist: () => {
    for (const app of apps) app.insist();
  },
});
