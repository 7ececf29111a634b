/** Writing a migration from the difference between the migrations so far and the Prisma schema. */
import type { DatabaseUrl } from './database-url.ts';
import { parseDirectUrl, withClient, withScratchDatabase, withSinglePool } from './migration-connection.ts';
import { MigrationError } from './migration-error.ts';
import {
  DEFAULT_MIGRATIONS_DIR,
  DEFAULT_SCHEMA_DIR,
  type MigrationFile,
  readMigrations,
  readSchema,
  writeMigration,
} from './migration-files.ts';
import { migrationWarnings } from './migration-warnings.ts';
import { messageOf } from './unknown-error.ts';
import { createSchemaEngine, NO_FILTER, type SchemaFile } from './wasm-engine.ts';

export interface SchemaPaths {
  readonly migrationsDir?: string;
  readonly schemaDir?: string;
}

export interface NewMigrationOptions extends SchemaPaths {
  /** Write a migration without statements, to be filled in by hand. */
  readonly empty?: boolean;
}

export interface NewMigration {
  /** Folder name, `<timestamp>_<name>`. */
  readonly name: string;
  /** Absolute path of the folder written. */
  readonly folder: string;
  /** What in it may lose data or fail on existing rows. */
  readonly warnings: readonly string[];
}

interface SchemaDifference {
  /** From what the migrations produce to what the schema says; empty when they agree. */
  readonly up: string;
  readonly down: string;
}

async function replay(url: DatabaseUrl, migrations: readonly MigrationFile[]): Promise<void> {
  await withClient(url, async (client) => {
    for (const { name, sql } of migrations) {
      try {
        await client.query(sql);
      } catch (error) {
        throw new MigrationError(
          'failed',
          `Migration ${name} cannot be replayed in an empty database: ${messageOf(error)}`,
          {
            cause: error,
          },
        );
      }
    }
  });
}

async function compare(url: DatabaseUrl, files: SchemaFile[], configDir: string): Promise<SchemaDifference> {
  return withSinglePool(url, async (pool) => {
    const engine = await createSchemaEngine({ pool, schema: url.schema });
    const migrated = { tag: 'schemaDatasource', files, configDir } as const;
    const wanted = { tag: 'schemaDatamodel', files } as const;
    const options = { script: true, exitCode: true, filters: NO_FILTER };
    // The script must also work in another schema, which `search_path` names.
    const unqualified = (script: string | null): string =>
      `${(script ?? '').replaceAll(`"${url.schema}".`, '').trim()}\n`;
    try {
      const up = await engine.diff({ ...options, from: migrated, to: wanted });
      if (up.exitCode === 0) return { up: '', down: '' };
      const down = await engine.diff({ ...options, from: wanted, to: migrated });
      return { up: unqualified(up.stdout), down: unqualified(down.stdout) };
    } finally {
      engine.free();
    }
  });
}

/**
 * Replays the migrations in a scratch database on the server of `url` and compares the result with the Prisma schema.
 * The database of `url` itself is not touched; its user needs the right CREATEDB.
 */
export async function schemaDifference(url: string, paths: SchemaPaths = {}): Promise<SchemaDifference> {
  const migrations = await readMigrations(paths.migrationsDir ?? DEFAULT_MIGRATIONS_DIR);
  const schemaDir = paths.schemaDir ?? DEFAULT_SCHEMA_DIR;
  const files = await readSchema(schemaDir);
  return withScratchDatabase(parseDirectUrl(url), async (scratch) => {
    await replay(scratch, migrations);
    return compare(scratch, files, schemaDir);
  });
}

function toName(title: string): string {
  const name = title
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  if (!/^[a-z][a-z0-9_]{0,60}$/.test(name)) {
    throw new MigrationError(
      'bad-name',
      `"${title}" is not a name for a migration. Say in a few words what it does, for example: npm run db:migrate:new -- add_channel_archive`,
    );
  }
  return name;
}

/** `20261120153045` in UTC: the order of names is the order of application. */
const timestamp = (): string => new Date().toISOString().replace(/\D/g, '').slice(0, 14);

const upScript = (sql: string, warnings: readonly string[]): string =>
  warnings.length === 0 ? sql : `${['-- Check before applying:', ...warnings].join('\n--   ')}\n\n${sql}`;

/**
 * Writes `<timestamp>_<name>/migration.sql`, which turns the database of the migrations so far into the Prisma schema,
 * and `down.sql`, the way back.
 *
 * @returns undefined when the schema has not changed (and `empty` is not set)
 * @throws MigrationError `bad-name`; `refused` for `empty` while the schema has changes; `failed` when the migrations
 *   cannot be replayed
 */
export async function newMigration(
  url: string,
  title: string,
  options: NewMigrationOptions = {},
): Promise<NewMigration | undefined> {
  const name = `${timestamp()}_${toName(title)}`;
  const { up, down } = await schemaDifference(url, options);
  if (up === '' && !options.empty) return undefined;
  if (up !== '' && options.empty) {
    throw new MigrationError(
      'refused',
      'The schema has changes that no migration has yet. Leave out --empty; statements of your own can be added to the new file.',
    );
  }
  const warnings = migrationWarnings(up);
  const sql =
    up === '' ? '-- Write the statements here, and what undoes them in down.sql.\n' : upScript(up, warnings);
  const undo = down === '' ? '-- Write here what undoes migration.sql.\n' : down;
  const folder = await writeMigration(options.migrationsDir ?? DEFAULT_MIGRATIONS_DIR, { name, sql }, undo);
  return { name, folder, warnings };
}
