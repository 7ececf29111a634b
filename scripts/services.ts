/**
 * `npm run services`: the development services of this folder without the apps; `turbo dev` runs it beside them.
 * Secrets, PostgreSQL from npm (or DATABASE_URL), Redis if there is one (or REDIS_URL), migrations, demo data.
 */
import './loopback.mjs';
import { join, relative } from 'node:path';
import {
  acquireLock,
  checkStorage,
  choosePorts,
  ensureSecrets,
  explain,
  findRedis,
  onStopRequest,
  randomPassword,
  readSecrets,
  removeServicesFile,
  renderWelcome,
  type ServicesInfo,
  startPostgres,
  startRedis,
  untilAnswers,
  waitUntilUnused,
  withoutPassword,
  writeServicesFile,
} from '@plinth/dev-services';
import { type Filled, fillDatabase } from './fill-database.ts';
import { BACKEND, DEV, ROOT } from './folders.ts';
import { SERVICE_PORTS } from './ports.ts';

/** Apps are told to end at the same moment as this process; until then they may still need the database. */
const LAST_QUERIES_MS = 3_000;

type Database = Pick<ServicesInfo, 'databaseUrl' | 'directUrl'> & { adminUrl?: string };

/** What to undo at the end, in reverse order. */
const closers: (() => Promise<void> | void)[] = [];
const stopping = new AbortController();

/** PostgreSQL, already there or started here. */
async function database(port: number): Promise<Database> {
  const { DATABASE_URL: url, DIRECT_URL: directUrl } = process.env;
  if (url) return { databaseUrl: url, directUrl: directUrl || url };
  const server = await startPostgres({ dir: join(DEV, 'postgres'), ...(port > 0 && { port }) });
  closers.push(server.close);
  void server.exited.then(() => lost('PostgreSQL'));
  return { databaseUrl: server.url, directUrl: server.directUrl, adminUrl: server.adminUrl };
}

/** Redis, already there or started here, or none. */
async function redis(port: number): Promise<string | undefined> {
  if (process.env.REDIS_URL) return process.env.REDIS_URL;
  if (findRedis() === undefined) return undefined;
  const server = await startRedis({
    dir: join(DEV, 'redis'),
    password: randomPassword(),
    ...(port > 0 && { port }),
  });
  closers.push(server.close);
  void server.exited.then(() => lost('Redis'));
  return server.url;
}

function lost(name: string): void {
  if (stopping.signal.aborted) return;
  console.error(`${name} has ended unexpectedly; start again with "npm run dev".`);
  void end(1);
}

async function start(): Promise<void> {
  checkStorage([DEV, BACKEND], DEV);
  closers.push(acquireLock(DEV));
  const ports = await choosePorts(SERVICE_PORTS, process.env);
  const names = await ensureSecrets(BACKEND);
  if (names.length > 0) console.log(`Made ${names.join(', ')} in ${relative(ROOT, join(BACKEND, '.env'))}.`);

  const [{ adminUrl, ...urls }, redisUrl] = await Promise.all([
    database(ports.POSTGRES_PORT),
    redis(ports.REDIS_PORT),
  ]);
  if (adminUrl !== undefined) closers.push(() => waitUntilUnused(adminUrl, LAST_QUERIES_MS));
  stopping.signal.throwIfAborted();
  const filled = await fillDatabase(urls.databaseUrl, urls.directUrl);
  stopping.signal.throwIfAborted();

  closers.push(() => removeServicesFile(DEV));
  const info = { ...urls, ...(redisUrl === undefined ? {} : { redisUrl }) };
  await writeServicesFile(DEV, info);
  console.log('Services are ready.');
  // "npm start" has a screen of its own.
  if (!process.argv.includes('--quiet')) await welcome(info, filled);
}

/** Prints the one screen as soon as there is something to look at. */
async function welcome({ databaseUrl, redisUrl }: ServicesInfo, filled: Filled): Promise<void> {
  const settings = { ...(await readSecrets(BACKEND)), ...process.env };
  const api = `http://localhost:${settings.PORT || 4000}`;
  const web = `http://localhost:${settings.WEB_PORT || 3000}`;
  await untilAnswers(`${api}/readyz`, stopping.signal);
  await untilAnswers(web, stopping.signal);
  const { demoAccounts } = await import('../prisma/seed.ts');
  console.log(
    renderWelcome({
      web,
      api,
      reference: `${api}/docs`,
      database: withoutPassword(databaseUrl),
      ...(process.env.DATABASE_URL ? {} : { dataFolder: relative(ROOT, join(DEV, 'postgres')) }),
      ...(redisUrl === undefined ? {} : { redis: withoutPassword(redisUrl) }),
      accounts: filled.seeded ? demoAccounts : [],
      notes: filled.notes,
      reset: 'npm run db:reset',
    }),
  );
}

let ending: Promise<void> | undefined;

/** Ends what was started, in reverse order, and then this process. */
function end(code: number): Promise<void> {
  ending ??= (async () => {
    stopping.abort();
    await started;
    for (const close of closers.splice(0).toReversed()) await close();
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
  // Turbo ends its tasks with SIGINT. Any other end must look like a failure, or the apps would go on without services.
  stop: (reason) => void end(reason === 'SIGINT' ? 0 : 1),
});
