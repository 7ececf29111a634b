/**
 * The migrations runner: Prisma's engine and Prisma's history table, without downloading an engine.
 * `prisma migrate` works on the same database and the same files for whoever prefers it.
 */
import pg from 'pg';
import { describeDatabase, isLocalDatabase } from './database-url.ts';
import {
  type Log,
  parseDirectUrl,
  withClient,
  withMigrationLock,
  withSinglePool,
} from './migration-connection.ts';
import { MigrationError } from './migration-error.ts';
import {
  DEFAULT_MIGRATIONS_DIR,
  type MigrationFile,
  readMigrations,
  toMigrationList,
} from './migration-files.ts';
import { compareHistory, type MigrationStatus } from './migration-status.ts';
import { messageOf } from './unknown-error.ts';
import { createSchemaEngine, NO_FILTER, type ScriptFailure } from './wasm-engine.ts';

export { MigrationError, type MigrationErrorCode } from './migration-error.ts';
export {
  type AppliedMigration,
  type FailedMigration,
  type MigrationStatus,
  migrationStatus,
} from './migration-status.ts';
export {
  type NewMigration,
  type NewMigrationOptions,
  newMigration,
  schemaDifference,
} from './new-migration.ts';
export { schemaGap } from './schema-gap.ts';

const DEFAULT_LOCK_TIMEOUT_MS = 60_000;

export interface MigrationOptions {
  /** Default: `prisma/migrations` of the repository or the image. */
  readonly migrationsDir?: string;
  /** Receives one line of progress at a time; nothing is printed otherwise. */
  readonly log?: Log;
  /** How long to wait for another instance that is migrating. Default 60 s. */
  readonly lockTimeoutMs?: number;
}

export interface DeployReport {
  /** Migrations applied by this call, in order. */
  readonly applied: readonly string[];
  /** How many there are altogether. */
  readonly total: number;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const silent: Log = () => {};

/** @throws MigrationError when the history has to be put right before anything may be applied */
function refuseBrokenHistory({ failed, edited, missing, pending }: MigrationStatus): void {
  const [failure] = failed;
  if (failure) {
    throw new MigrationError(
      'failed',
      [
        `Migration ${failure.name} failed earlier: ${failure.reason}.`,
        'Correct it, then run one of:',
        `  npm run db:deploy -- --retry ${failure.name}     applies it again`,
        `  npm run db:deploy -- --applied ${failure.name}   when you completed it by hand`,
      ].join('\n'),
    );
  }
  if (edited.length > 0) {
    throw new MigrationError(
      'edited',
      [
        `Edited after it was applied: ${edited.join(', ')}.`,
        'Restore the file from version control and put the change into a new migration (npm run db:migrate:new -- <name>).',
        'A development database may be rebuilt instead: npm run db:reset.',
      ].join('\n'),
    );
  }
  if (missing.length > 0 && pending.length > 0) {
    throw new MigrationError(
      'diverged',
      [
        `The database has migrations that are not among the files: ${missing.join(', ')};`,
        `and it lacks: ${pending.join(', ')}.`,
        'Bring the missing files in (merge the branch they are on), or rebuild a development database with npm run db:reset.',
      ].join('\n'),
    );
  }
}

/** Where in the script PostgreSQL found the mistake, as `line 12: `. */
function locate({ script, error }: ScriptFailure): string {
  const position = error instanceof pg.DatabaseError ? Number(error.position) : Number.NaN;
  if (!(position > 0)) return '';
  return `line ${script.slice(0, position).split('\n').length}: `;
}

function describeFailure(
  file: MigrationFile,
  failure: ScriptFailure | undefined,
  error: unknown,
): MigrationError {
  const detail = failure ? `${locate(failure)}${failure.error.message}` : messageOf(error);
  const partial = /\b(commit|concurrently|vacuum)\b/i.test(file.sql)
    ? 'It does not run as one transaction: look what is already done before you go on.'
    : 'Nothing of it was kept; the migrations before it are applied.';
  return new MigrationError(
    'failed',
    [
      `Migration ${file.name} failed.`,
      `  ${detail}`,
      partial,
      `Correct it, then run: npm run db:deploy -- --retry ${file.name}`,
    ].join('\n'),
    { cause: failure?.error ?? error },
  );
}

async function applyPending(
  url: ReturnType<typeof parseDirectUrl>,
  directory: string,
  files: readonly MigrationFile[],
  pending: readonly string[],
  log: Log,
): Promise<void> {
  await withSinglePool(url, async (pool) => {
    let failure: ScriptFailure | undefined;
    const engine = await createSchemaEngine({
      pool,
      schema: url.schema,
      onScriptFailure: (found) => {
        failure = found;
      },
    });
    try {
      for (const [index, file] of files.entries()) {
        if (!pending.includes(file.name)) continue;
        const started = performance.now();
        const migrationsList = toMigrationList(directory, files.slice(0, index + 1));
        try {
          await engine.applyMigrations({ migrationsList, filters: NO_FILTER });
        } catch (error) {
          throw describeFailure(file, failure, error);
        }
        log(`  applied ${file.name} (${Math.round(performance.now() - started)} ms)`);
      }
    } finally {
      engine.free();
    }
  });
}

/**
 * Applies what is not applied yet. Safe to call from several instances at once: one works, the others wait and then
 * find nothing to do. Needs a direct connection, not PgBouncer.
 *
 * @throws MigrationError with a code and a remedy; see `MigrationErrorCode`
 */
export async function deployMigrations(url: string, options: MigrationOptions = {}): Promise<DeployReport> {
  const directory = options.migrationsDir ?? DEFAULT_MIGRATIONS_DIR;
  const log = options.log ?? silent;
  const target = parseDirectUrl(url);
  const files = await readMigrations(directory);
  return withClient(target, (client) =>
    withMigrationLock(
      client,
      { timeoutMs: options.lockTimeoutMs ?? DEFAULT_LOCK_TIMEOUT_MS, log },
      async () => {
        const status = await compareHistory(client, files);
        refuseBrokenHistory(status);
        if (status.missing.length > 0) {
          log(
            `The database is ahead of this release by ${plural(status.missing.length, 'migration')}: ${status.missing.join(', ')}.`,
          );
        }
        if (status.pending.length === 0) {
          log(`${describeDatabase(target)} is up to date (${plural(files.length, 'migration')}).`);
          return { applied: [], total: files.length };
        }
        log(`Applying ${plural(status.pending.length, 'migration')} to ${describeDatabase(target)}:`);
        await applyPending(target, directory, files, status.pending, log);
        return { applied: status.pending, total: files.length };
      },
    ),
  );
}

/**
 * Settles a failed migration: `retry` lets the next deploy apply it again, `applied` records it as done by hand.
 *
 * @throws MigrationError `unknown-migration` when there is nothing to settle under that name
 */
export async function resolveMigration(
  url: string,
  name: string,
  outcome: 'retry' | 'applied',
  options: MigrationOptions = {},
): Promise<void> {
  const directory = options.migrationsDir ?? DEFAULT_MIGRATIONS_DIR;
  const target = parseDirectUrl(url);
  const files = await readMigrations(directory);
  await withClient(target, async (client) => {
    const { failed, pending } = await compareHistory(client, files);
    const isFailed = failed.some((migration) => migration.name === name);
    if (!isFailed && !(outcome === 'applied' && pending.includes(name))) {
      const open = [...failed.map((migration) => migration.name), ...(outcome === 'applied' ? pending : [])];
      throw new MigrationError(
        'unknown-migration',
        `${name} is not a ${outcome === 'applied' ? 'failed or pending' : 'failed'} migration. ${open.length > 0 ? `There is: ${open.join(', ')}.` : 'There is none.'}`,
      );
    }
  });
  await withSinglePool(target, async (pool) => {
    const engine = await createSchemaEngine({ pool, schema: target.schema });
    try {
      if (outcome === 'retry') await engine.markMigrationRolledBack({ migrationName: name });
      else
        await engine.markMigrationApplied({
          migrationName: name,
          migrationsList: toMigrationList(directory, files),
        });
    } finally {
      engine.free();
    }
  });
}

export interface ResetOptions extends MigrationOptions {
  /** `NODE_ENV`; a reset is refused in production whatever else is said. */
  readonly environment?: string | undefined;
  /** Also for a database on another host. */
  readonly force?: boolean;
}

/**
 * Drops everything in the application's schema and applies all migrations anew.
 *
 * @throws MigrationError `refused` in production, and for another host unless forced
 */
export async function resetDatabase(url: string, options: ResetOptions = {}): Promise<DeployReport> {
  const target = parseDirectUrl(url);
  if (options.environment === 'production') {
    throw new MigrationError(
      'refused',
      'A reset deletes all data and is refused when NODE_ENV is production.',
    );
  }
  if (!isLocalDatabase(target) && !options.force) {
    throw new MigrationError(
      'refused',
      `A reset deletes all data of ${describeDatabase(target)}, which is not on this machine. Add --force if that is what you want.`,
    );
  }
  const log = options.log ?? silent;
  await withClient(target, (client) =>
    withMigrationLock(
      client,
      { timeoutMs: options.lockTimeoutMs ?? DEFAULT_LOCK_TIMEOUT_MS, log },
      async () => {
        try {
          await client.query(
            `DROP SCHEMA IF EXISTS "${target.schema}" CASCADE; CREATE SCHEMA "${target.schema}"`,
          );
        } catch (error) {
          if (!(error instanceof pg.DatabaseError) || error.code !== '55P03') throw error;
          throw new MigrationError(
            'locked',
            `${describeDatabase(target)} is in use. Stop the application first, then run the reset again.`,
            { cause: error },
          );
        }
      },
    ),
  );
  log(`Emptied ${describeDatabase(target)}.`);
  return deployMigrations(url, options);
}
