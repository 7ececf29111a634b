import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevServiceError } from '../errors.ts';
import { findFirst } from '../processes/find-binary.ts';
import { freePort, isPortFree } from '../processes/ports.ts';
import { type ExitStatus, startProcess } from '../processes/process.ts';
import { CATALOGUE } from './catalogue.ts';
import { launchServer } from './docker.ts';

const LOOPBACK = '127.0.0.1';

export interface RedisOptions {
  /** Default: any free port. */
  port?: number;
  /** Folder for its configuration; default a temporary one that is removed at the end. */
  dir?: string;
  /** Default: none, which is enough on the loopback interface of a test. */
  password?: string;
  /** Further lines of `redis.conf`, by directive, for example `{ maxmemory: '50mb' }`. */
  settings?: Record<string, string | number>;
}

export interface RedisServer {
  url: string;
  port: number;
  pid: number;
  /** Settles when the server has ended, for whatever reason. */
  exited: Promise<ExitStatus>;
  close(): Promise<void>;
}

/** The installed Redis or Valkey server, if there is one. */
export function findRedis(): string | undefined {
  return findFirst(CATALOGUE.redis.binaries);
}

/**
 * Starts a Redis or Valkey server on the loopback interface, in memory only. Evicts nothing (`noeviction`), as
 * queues, sessions and rate limits need it.
 *
 * @throws {DevServiceError} when no server is installed, or the port is in use
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  if (!(await isPortFree(port))) throw portInUse(port);

  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'plinth-redis-')));
  await mkdir(dir, { recursive: true });
  const settings: Record<string, string | number> = {
    bind: LOOPBACK,
    port,
    dir,
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
    ...(options.password === undefined ? {} : { requirepass: options.password }),
    ...options.settings,
  };
  const config = join(dir, 'redis.conf');
  // A file, because other users of the machine can read the command line with its password.
  await writeFile(config, renderSettings(settings), { mode: 0o600 });
  const removeFolder = () =>
    options.dir === undefined ? rm(dir, { recursive: true, force: true }) : rm(config);

  const server = await startProcess({ ...launchServer('redis', [config], dir), cwd: dir });
  if (!(await server.waitForLine(/Ready to accept connections/))) {
    await removeFolder();
    if (/Address already in use/.test(server.log())) throw portInUse(port);
    throw new DevServiceError(`Redis did not start: ${server.log().split('\n').slice(-3).join(' | ')}`);
  }
  const login = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}@`;
  return {
    url: `redis://${login}${LOOPBACK}:${port}`,
    port,
    pid: server.pid,
    exited: server.exited,
    close: async () => {
      await server.close();
      await removeFolder();
    },
  };
}

function renderSettings(settings: Record<string, string | number>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${quote(value)}\n`)
    .join('');
}

/** One argument of a directive, whatever is in it: a path with spaces, quotes or `#` (sdssplitargs in Redis's source). */
function quote(value: string | number): string {
  return `"${String(value).replace(/["\\]/g, '\\$&')}"`;
}

function portInUse(port: number): DevServiceError {
  return new DevServiceError(
    `Port ${port}, where Redis was to listen, is in use on this machine: end the program that uses it, or choose another port.`,
  );
}
