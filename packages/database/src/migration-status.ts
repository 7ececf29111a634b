/** What Prisma's history table `_prisma_migrations` says, compared with the files. */
import type pg from 'pg';
import { parseDirectUrl, withClient } from './migration-connection.ts';
import {
  DEFAULT_MIGRATIONS_DIR,
  hasChecksum,
  type MigrationFile,
  readMigrations,
} from './migration-files.ts';

export interface AppliedMigration {
  readonly name: string;
  readonly appliedAt: Date;
}

export interface FailedMigration {
  readonly name: string;
  readonly startedAt: Date;
  readonly reason: string;
}

export interface MigrationStatus {
  /** In the order of their application. */
  readonly applied: readonly AppliedMigration[];
  /** Files not applied yet, in the order in which they will be. */
  readonly pending: readonly string[];
  /** Started and not finished. */
  readonly failed: readonly FailedMigration[];
  /** Applied, and the file is another one since. */
  readonly edited: readonly string[];
  /** Applied, and there is no such file: this release is older than the database, or the file was deleted. */
  readonly missing: readonly string[];
  /** Nothing pending, failed, edited or missing. */
  readonly upToDate: boolean;
}

interface HistoryRow {
  migration_name: string;
  checksum: string;
  started_at: Date;
  finished_at: Date | null;
  rolled_back_at: Date | null;
  logs: string | null;
}

async function readHistory(client: pg.ClientBase): Promise<HistoryRow[]> {
  const { rows: tables } = await client.query<{ present: boolean }>(
    "SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present",
  );
  if (!tables[0]?.present) return [];
  const { rows } = await client.query<HistoryRow>(
    'SELECT migration_name, checksum, started_at, finished_at, rolled_back_at, logs FROM _prisma_migrations ORDER BY started_at, migration_name',
  );
  return rows;
}

/** What the database said, from the engine's log of a failure: a heading, the reason, a trace. */
const readReason = (logs: string | null): string =>
  logs
    ?.split('\n')
    .find((line) => line.trim() !== '' && line !== 'external connector error')
    ?.replace(/^Error querying the database: (ERROR: )?/, '') ?? 'it was interrupted';

/** Reads the history and compares it with the files. Changes nothing. */
export async function compareHistory(
  client: pg.ClientBase,
  files: readonly MigrationFile[],
): Promise<MigrationStatus> {
  const rows = (await readHistory(client)).filter((row) => row.rolled_back_at === null);
  const sqlByName = new Map(files.map((file) => [file.name, file.sql]));
  const finished = rows.flatMap((row) => (row.finished_at ? [{ ...row, finished_at: row.finished_at }] : []));
  const finishedNames = new Set(finished.map((row) => row.migration_name));
  const failed = rows.filter((row) => row.finished_at === null && !finishedNames.has(row.migration_name));
  const failedNames = new Set(failed.map((row) => row.migration_name));

  const pending = files
    .map((file) => file.name)
    .filter((name) => !finishedNames.has(name) && !failedNames.has(name));
  const edited = finished
    .filter((row) => {
      const sql = sqlByName.get(row.migration_name);
      return sql !== undefined && !hasChecksum(sql, row.checksum);
    })
    .map((row) => row.migration_name);
  const missing = finished.map((row) => row.migration_name).filter((name) => !sqlByName.has(name));

  return {
    applied: finished.map((row) => ({ name: row.migration_name, appliedAt: row.finished_at })),
    pending,
    failed: failed.map((row) => ({
      name: row.migration_name,
      startedAt: row.started_at,
      reason: readReason(row.logs),
    })),
    edited,
    missing,
    upToDate: pending.length + failed.length + edited.length + missing.length === 0,
  };
}

/** Compares the database with the files. Changes nothing, takes no lock. */
export async function migrationStatus(
  url: string,
  { migrationsDir = DEFAULT_MIGRATIONS_DIR }: { readonly migrationsDir?: string } = {},
): Promise<MigrationStatus> {
  const files = await readMigrations(migrationsDir);
  return withClient(parseDirectUrl(url), (client) => compareHistory(client, files));
}
