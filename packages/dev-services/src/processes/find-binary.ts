import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment } from '../dev-services.config.ts';

/** Folders with servers that Debian leaves out of an ordinary user's PATH. */
const SYSTEM_FOLDERS = [
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
  '/usr/local/bin',
  '/usr/bin',
  '/opt/homebrew/bin',
];
const POSTGRES_FOLDER = '/usr/lib/postgresql';

/** The full path of an executable: first on PATH, then in the usual folders for servers. */
export function findOnPath(name: string, env: NodeJS.ProcessEnv = environment): string | undefined {
  const folders = [
    ...(env.PATH ?? '').split(delimiter).filter(Boolean),
    ...SYSTEM_FOLDERS,
    ...postgresFolders(),
  ];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** The first of several names that is there, for example `redis-server` or `valkey-server`. */
export function findFirst(names: readonly string[], env?: NodeJS.ProcessEnv): string | undefined {
  return names.map((name) => findOnPath(name, env)).find((path) => path !== undefined);
}

function postgresFolders(): string[] {
  try {
    return readdirSync(POSTGRES_FOLDER).map((version) => join(POSTGRES_FOLDER, version, 'bin'));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
