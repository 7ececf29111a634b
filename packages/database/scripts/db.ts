/** The commands behind `npm run db:*`. */
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  deployMigrations,
  migrationStatus,
  newMigration,
  resetDatabase,
  resolveMigration,
  schemaGap,
} from '@plinth/database/migrations';
import { DatabaseUrlError, parseDatabaseUrl, readTlsFiles } from '@plinth/database/url';

const ROOT = resolve(import.meta.dirname, '../../..');

const USAGE = `Usage:
  npm run db:migrate:new -- <name> [--empty]   write a migration from the changes of prisma/schema
  npm run db:deploy                            apply the migrations that are missing
  npm run db:deploy -- --retry <migration>     apply a failed migration again
  npm run db:deploy -- --applied <migration>   record a migration that was completed by hand
  npm run db:status                            compare the database with the files
  npm run db:seed                              write the demo data
  npm run db:reset [-- --force]                empty the database and apply all migrations

The database is DIRECT_URL, else DATABASE_URL, else the development one: that of npm run dev where it runs, otherwise
started for the command and ended after it.`;

/** A wrong command line; the message says what was expected. */
class UsageError extends Error {}

const environment = process.env.NODE_ENV;

const log = (line: string): void => console.log(line);

/** What a command does, once its command line is read: nothing is started for one that is wrong. */
type Work = (url: string) => Promise<void>;

function deploy(args: string[]): Work {
  const { values } = parseArgs({ args, options: { retry: { type: 'string' }, applied: { type: 'string' } } });
  return async (url) => {
    if (values.retry) await resolveMigration(url, values.retry, 'retry');
    if (values.applied) await resolveMigration(url, values.applied, 'applied');
    await deployMigrations(url, { log });
  };
}

function status(args: string[]): Work {
  parseArgs({ args, options: {} });
  return async (url) => {
    const found = await migrationStatus(url);
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
  };
}

function create(args: string[]): Work {
  const { values, positionals } = parseArgs({
    args,
    options: { empty: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [name] = positionals;
  if (name === undefined || positionals.length > 1) {
    throw new UsageError(
      'Give the migration one name, for example: npm run db:migrate:new add_channel_archive',
    );
  }
  return async (url) => {
    const migration = await newMigration(url, name, { empty: values.empty });
    if (!migration) {
      throw new UsageError(
        'The migrations already produce prisma/schema; there is nothing to write. For a migration of your own statements add --empty.',
      );
    }
    const folder = relative(ROOT, migration.folder);
    log(`Wrote ${folder}/migration.sql and down.sql.`);
    for (const warning of migration.warnings) log(`  ${warning}`);
    log('Read both files, then apply with npm run db:deploy.');
  };
}

function reset(args: string[]): Work {
  const { values } = parseArgs({ args, options: { force: { type: 'boolean', default: false } } });
  return async (url) => {
    await resetDatabase(url, { log, force: values.force, environment });
    log('Write the demo data with npm run db:seed.');
  };
}

function seed(args: string[]): Work {
  parseArgs({ args, options: {} });
  return async (url) => {
    // Loaded only here: the image has no demo data.
    const { SeedError, seedDatabase } = await import('../../../prisma/seed.ts');
    const gap = environment === 'production' ? undefined : await schemaGap(url);
    if (gap !== undefined) throw new SeedError(`${gap} Then run "npm run db:seed" again.`);
    const added = await seedDatabase(url, { environment });
    const parts = Object.entries(added).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
    log(parts.length > 0 ? `Added ${parts.join(', ')}.` : 'The demo data is already there.');
  };
}

/** The address that was given, else the development database. */
async function withDatabase(command: string, work: Work): Promise<void> {
  const variable = process.env.DIRECT_URL ? 'DIRECT_URL' : 'DATABASE_URL';
  const given = process.env[variable];
  if (given) {
    try {
      readTlsFiles(parseDatabaseUrl(given).tls);
    } catch (error) {
      if (error instanceof DatabaseUrlError) error.message = `${variable} cannot be used: ${error.message}`;
      throw error;
    }
    return work(given);
  }
  if (environment === 'production') throw new UsageError('No database: set DIRECT_URL or DATABASE_URL.');
  // Loaded only here: the image has no development services.
  const { withDevelopmentDatabase } = await import('../../../scripts/development-database.ts');
  return withDevelopmentDatabase(`npm run db:${command}`, work);
}

const COMMANDS: Readonly<Record<string, (args: string[]) => Work>> = {
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
const EXPLAINED = ['MigrationError', 'DatabaseUrlError', 'SeedError', 'DevServiceError'];

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
try {
  if (!command) throw new UsageError(USAGE);
  await withDatabase(name, command(args));
} catch (error) {
  const explained = error instanceof Error && (isUsage(error) || EXPLAINED.includes(error.name));
  console.error(explained ? error.message : error);
  process.exitCode = isUsage(error) ? 2 : 1;
}
