import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevServiceError } from '../errors.ts';
import { startProcess } from '../processes/process.ts';
import { isRoot } from '../processes/system-user.ts';
import { launchServer } from './docker.ts';

export interface NginxOptions {
  /** Where its temporary folder is made; default the system's place for such. */
  parent?: string;
  /** Content of the `http { … }` block; choose ports with `freePort()` and listen on 127.0.0.1. */
  http: string;
  /** Lines before it, for example `load_module …;`. */
  main?: string;
}

export interface NginxServer {
  pid: number;
  /** Folder with its configuration and temporary files. */
  dir: string;
  /** The last lines of the error log. */
  log(): string;
  close(): Promise<void>;
}

/**
 * Starts an nginx of its own with this configuration; nothing of the machine's nginx is read or written.
 *
 * @throws {DevServiceError} when it is not installed, or refuses the configuration (with its reason)
 */
export async function startNginx(options: NginxOptions): Promise<NginxServer> {
  const dir = await mkdtemp(join(options.parent ?? tmpdir(), 'plinth-nginx-'));
  const removeFolder = () => rm(dir, { recursive: true, force: true });
  await mkdir(join(dir, 'temp'));
  const config = join(dir, 'nginx.conf');
  await writeFile(config, render(options));

  const server = await startProcess({
    ...launchServer('nginx', ['-p', dir, '-e', 'stderr', '-c', config], dir),
    cwd: dir,
    // Fast shutdown is SIGTERM; SIGQUIT would wait for idle keep-alive connections.
    stopSignal: 'SIGTERM',
  });
  if (!(await server.waitForLine(/start worker process /))) {
    await removeFolder();
    throw new DevServiceError(`nginx did not start: ${server.log().split('\n').slice(-3).join(' | ')}`);
  }
  return {
    pid: server.pid,
    dir,
    log: server.log,
    close: async () => {
      await server.close();
      await removeFolder();
    },
  };
}

/** Its own paths are relative to the folder that `-p` names, so no character in that needs quoting. */
function render({ http, main = '' }: NginxOptions): string {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
${main}
${isRoot() ? 'user root;' : ''}
daemon off;
pid nginx.pid;
error_log stderr notice;
worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off;
  ${temp.map((name) => `${name}_temp_path temp/${name};`).join('\n  ')}
${http}
}
`;
}
