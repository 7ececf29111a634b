/** The commands behind `npm run db:*`. */
import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  deployMigrations,
  migrationStatus,
  newMigration,
  resetDatabase,
  resolveMigration,
} from '@plinth/database/migrations';

const ROOT = resolve(import.meta.dirname, '../../..');

const USAGE = `Usage:
  npm run db:migrate:new -- <name> [--empty]   write a migration from the changes of prisma/schema
  npm run db:deploy                            apply the migrations that are missing
  npm run db:deploy -- --retry <migration>     apply a failed migration again
  npm run db:deploy -- --applied <migration>   record a migration that was completed by hand
  npm run db:status                            compare the database with the files
  npm run db:seed                              write the demo data
  npm run db:reset [-- --force]                empty the database and apply all migrations

The database is DIRECT_URL, else DATABASE_URL, else the one that npm run dev runs.`;

/** A wrong command line; the message says what was expected. */
class UsageError extends Error {}

async function developmentUrl(): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(resolve(ROOT, '.dev/services.json'), 'utf8');
  } catch {
    return undefined;
  }
  const services: unknown = JSON.parse(text);
  if (typeof services !== 'object' || services === null) return undefined;
  if ('directUrl' in services && typeof services.directUrl === 'string') return services.directUrl;
  return 'databaseUrl' in services && typeof services.databaseUrl === 'string'
    ? services.databaseUrl
    : undefined;
}

async function databaseUrl(): Promise<string> {
  const url = process.env.DIRECT_URL || process.env.DATABASE_URL || (await developmentUrl());
  if (!url) {
    throw new UsageError(
      'No database: set DIRECT_URL or DATABASE_URL, or start the development one with npm run dev.',
    );
  }
  return url;
}

const log = (line: string): void => console.log(line);

async function deploy(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { retry: { type: 'string' }, applied: { type: 'string' } } });
  const url = await databaseUrl();
  if (values.retry) await resolveMigration(url, values.retry, 'retry');
  if (values.applied) await resolveMigration(url, values.applied, 'applied');
  await deployMigrations(url, { log });
}

async function status(args: string[]): Promise<void> {
  parseArgs({ args, options: {} });
  const found = await migrationStatus(await databaseUrl());
  for (const { name, appliedAt } of found.applied) log(`  applied   ${name}   ${appliedAt.toISOString()}`);
  for (const { name, reason } of found.failed) log(`  failed    ${name}   ${reason}`);
  for (const name of found.edited) log(`  edited    ${name}   the file is not what was applied`);
  for (const name of found.missing) log(`  missing   ${name}   applied, but there is no such file`);
  for (const name of found.pending) log(`  pending   ${name}`);
  if (found.upToDate) log('The database is up to date.');
  else if (found.failed.length + found.edited.length + found.missing.length === 0) {
    log('Apply what is pending with npm run db:deploy.');
    process.exitCode = 1;
  } else {
    log('npm run db:deploy says what to do about it.');
    process.exitCode = 1;
  }
}

async function create(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    options: { empty: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [name] = positionals;
  if (name === undefined || positionals.length > 1) {
    throw new UsageError(
      'Give the migration one name, for example: npm run db:migrate:new -- add_channel_archive',
    );
  }
  const migration = await newMigration(await databaseUrl(), name, { empty: values.empty });
  if (!migration) {
    throw new UsageError(
      'The migrations already produce prisma/schema; there is nothing to write. For a migration of your own statements add --empty.',
    );
  }
  const folder = relative(ROOT, migration.folder);
  log(`Wrote ${folder}/migration.sql and down.sql.`);
  for (const warning of migration.warnings) log(`  ${warning}`);
  log('Read both files, then apply with npm run db:deploy.');
}

async function reset(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { force: { type: 'boolean', default: false } } });
  await resetDatabase(await databaseUrl(), { log, force: values.force, environment: process.env.NODE_ENV });
  log('Write the demo data with npm run db:seed.');
}

async function seed(args: string[]): Promise<void> {
  parseArgs({ args, options: {} });
  // Loaded only here: the image has no demo data.
  const { seedDatabase } = await import('../../../prisma/seed.ts');
  const added = await seedDatabase(await databaseUrl(), { environment: process.env.NODE_ENV });
  const parts = Object.entries(added).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
  log(parts.length > 0 ? `Added ${parts.join(', ')}.` : 'The demo data is already there.');
}

const COMMANDS: Readonly<Record<string, (args: string[]) => Promise<void>>> = {
  'migrate:new': create,
  deploy,
  status,
  seed,
  reset,
};

const isUsage = (error: unknown): boolean =>
  error instanceof UsageError ||
  (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));

/** Errors whose message says everything; of others the stack is wanted as well. */
const EXPLAINED = ['MigrationError', 'DatabaseUrlError', 'SeedError'];

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
try {
  if (!command) throw new UsageError(USAGE);
  await command(args);
} catch (error) {
  const explained = error instanceof Error && (isUsage(error) || EXPLAINED.includes(error.name));
  console.error(explained ? error.message : error);
  process.exitCode = isUsage(error) ? 2 : 1;
}
