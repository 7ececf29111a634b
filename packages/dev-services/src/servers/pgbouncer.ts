import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevServiceError } from '../errors.ts';
import { freePort, isPortFree } from '../processes/ports.ts';
import { startProcess } from '../processes/process.ts';
import { serverUser } from '../processes/system-user.ts';
import { launchServer } from './docker.ts';

const LOOPBACK = '127.0.0.1';

export interface PgBouncerOptions {
  /** Where its temporary folder is made; default the system's place for such. */
  parent?: string;
  /** The PostgreSQL behind it; its role and password are the ones that clients log in with. */
  databaseUrl: string;
  /** Default `transaction`. */
  poolMode?: 'transaction' | 'session' | 'statement';
  /** Server connections for each database and role; default 25. */
  poolSize?: number;
  /** Extra server connections when clients have waited; default 5. */
  reservePoolSize?: number;
  /** Seconds until the reserve is used; default 3. */
  reservePoolTimeout?: number;
  /** Default 1000. */
  maxClientConnections?: number;
  /** Default: any free port. */
  port?: number;
  /** Further settings of the section `[pgbouncer]`, which win over the ones chosen here. */
  settings?: Record<string, string | number>;
}

export interface PgBouncerServer {
  /** The database of `databaseUrl` through the pooler. Any other database of that server is reachable, too. */
  url: string;
  /** The console: `SHOW POOLS`, `SHOW STATS`. Simple query protocol only. */
  adminUrl: string;
  port: number;
  pid: number;
  close(): Promise<void>;
}

/**
 * Starts a PgBouncer in front of a PostgreSQL. As root it runs as `postgres` or `nobody`, because it refuses root.
 *
 * @throws {DevServiceError} when it is not installed, or the port is in use
 */
export async function startPgBouncer(options: PgBouncerOptions): Promise<PgBouncerServer> {
  const port = options.port ?? (await freePort());
  if (!(await isPortFree(port))) throw portInUse(port);

  const target = new URL(options.databaseUrl);
  const user = decodeURIComponent(target.username);
  const password = decodeURIComponent(target.password);
  const dir = await mkdtemp(join(options.parent ?? tmpdir(), 'plinth-pgbouncer-'));
  const removeFolder = () => rm(dir, { recursive: true, force: true });
  const users = join(dir, 'userlist.txt');
  const config = join(dir, 'pgbouncer.ini');
  // Plain text is what lets PgBouncer answer SCRAM on both sides; hence the private folder.
  await writeFile(users, `${quote(user)} ${quote(password)}\n`, { mode: 0o600 });
  await writeFile(config, renderConfig(options, { target, port, user, users }), { mode: 0o600 });
  const runAs = serverUser();
  if (runAs !== undefined) {
    await Promise.all([dir, users, config].map((path) => chown(path, runAs.uid, runAs.gid)));
  }

  const server = await startProcess({
    ...launchServer('pgbouncer', [config], dir, runAs),
    cwd: '/',
    // SIGINT waits for running transactions; SIGTERM cuts them off.
    stopSignal: 'SIGTERM',
  });
  if (!(await server.waitForLine(/process up/))) {
    await removeFolder();
    if (/Address already in use/.test(server.log())) throw portInUse(port);
    throw new DevServiceError(`PgBouncer did not start: ${server.log().split('\n').slice(-3).join(' | ')}`);
  }

  const through = new URL(options.databaseUrl);
  through.host = `${LOOPBACK}:${port}`;
  const admin = new URL(through);
  admin.pathname = '/pgbouncer';
  admin.search = '';
  return {
    url: through.href,
    adminUrl: admin.href,
    port,
    pid: server.pid,
    close: async () => {
      await server.close();
      await removeFolder();
    },
  };
}

interface Rendering {
  target: URL;
  port: number;
  user: string;
  users: string;
}

function renderConfig(options: PgBouncerOptions, { target, port, user, users }: Rendering): string {
  const settings: Record<string, string | number> = {
    listen_addr: LOOPBACK,
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: users,
    admin_users: user,
    pool_mode: options.poolMode ?? 'transaction',
    default_pool_size: options.poolSize ?? 25,
    reserve_pool_size: options.reservePoolSize ?? 5,
    reserve_pool_timeout: options.reservePoolTimeout ?? 3,
    max_client_conn: options.maxClientConnections ?? 1000,
    query_wait_timeout: 5,
    server_login_retry: 1,
    // Sent by many clients at the start and harmless to drop. Timeouts are not on the list: they would be lost.
    ignore_startup_parameters: 'extra_float_digits',
    ...options.settings,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const server = `host=${target.hostname} port=${target.port || 5432}`;
  return `[databases]\n* = ${server}\n\n[pgbouncer]\n${lines.join('\n')}\n`;
}

function quote(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}

function portInUse(port: number): DevServiceError {
  return new DevServiceError(
    `Port ${port}, where PgBouncer was to listen, is in use on this machine: end the program that uses it, or choose another port.`,
  );
}
