/**
 * `npm run services`: the development services of this folder without the apps; `turbo dev` runs it beside them.
 * Secrets, PostgreSQL from npm (or DATABASE_URL), Redis if there is one (or REDIS_URL), migrations, demo data.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  acquireLock,
  DevServiceError,
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
import { BACKEND, DATABASE, DEV, ROOT } from './folders.ts';

/** Apps are told to end at the same moment as this process; until then they may still need the database. */
const LAST_QUERIES_MS = 3_000;

type Database = Pick<ServicesInfo, 'databaseUrl' | 'directUrl'> & { adminUrl?: string };

/** What to undo at the end, in reverse order. */
const closers: (() => Promise<void> | void)[] = [];
const stopping = new AbortController();

/** PostgreSQL, already there or started here. */
async function database(): Promise<Database> {
  const { DATABASE_URL: url, DIRECT_URL: directUrl } = process.env;
  if (url) return { databaseUrl: url, directUrl: directUrl || url };
  const server = await startPostgres({ dir: join(DEV, 'postgres') });
  closers.push(server.close);
  void server.exited.then(() => lost('PostgreSQL'));
  return { databaseUrl: server.url, directUrl: server.directUrl, adminUrl: server.adminUrl };
}

/** Redis, already there or started here, or none. */
async function redis(): Promise<string | undefined> {
  if (process.env.REDIS_URL) return process.env.REDIS_URL;
  if (findRedis() === undefined) return undefined;
  const server = await startRedis({ dir: join(DEV, 'redis'), password: randomPassword() });
  closers.push(server.close);
  void server.exited.then(() => lost('Redis'));
  return server.url;
}

function lost(name: string): void {
  if (stopping.signal.aborted) return;
  console.error(`${name} has ended unexpectedly; start again with "npm run dev".`);
  void end(1);
}

/** Brings the schema up to date and adds the demo data that is missing. */
async function fill({ databaseUrl, directUrl }: Database): Promise<void> {
  const { deployMigrations } = await import('@plinth/database/migrations');
  await deployMigrations(directUrl, { log: (line) => console.log(line) });
  await generateClient();
  if (!isLocal(databaseUrl)) {
    console.log('Demo data is not added to a database on another machine; "npm run db:seed" does it.');
    return;
  }
  const { seedDatabase } = await import('../prisma/seed.ts');
  const added = Object.entries(await seedDatabase(databaseUrl, { environment: process.env.NODE_ENV }));
  const news = added.flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
  if (news.length > 0) console.log(`Added demo data: ${news.join(', ')}.`);
}

/** Demo accounts have a public password: they do not go to wherever DATABASE_URL may point. */
function isLocal(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]', ''].includes(new URL(url).hostname);
}

/** Turbo has done it before; "npm run services" on a fresh clone has not. */
async function generateClient(): Promise<void> {
  if (existsSync(join(DATABASE, 'src/generated/client.ts'))) return;
  const child = spawn(process.execPath, ['scripts/generate.ts'], { cwd: DATABASE, stdio: 'inherit' });
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0)
    throw new DevServiceError('The Prisma client could not be generated: see the output above.');
}

async function start(): Promise<void> {
  closers.push(acquireLock(DEV));
  const names = await ensureSecrets(BACKEND);
  if (names.length > 0) console.log(`Made ${names.join(', ')} in ${relative(ROOT, join(BACKEND, '.env'))}.`);

  const [{ adminUrl, ...urls }, redisUrl] = await Promise.all([database(), redis()]);
  if (adminUrl !== undefined) closers.push(() => waitUntilUnused(adminUrl, LAST_QUERIES_MS));
  stopping.signal.throwIfAborted();
  await fill(urls);
  stopping.signal.throwIfAborted();

  closers.push(() => removeServicesFile(DEV));
  const info = { ...urls, ...(redisUrl === undefined ? {} : { redisUrl }) };
  await writeServicesFile(DEV, info);
  console.log('Services are ready.');
  // "npm start" has a screen of its own.
  if (!process.argv.includes('--quiet')) await welcome(info);
}

/** Prints the one screen as soon as there is something to look at. */
async function welcome({ databaseUrl, redisUrl }: ServicesInfo): Promise<void> {
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
      accounts: isLocal(databaseUrl) ? demoAccounts : [],
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
