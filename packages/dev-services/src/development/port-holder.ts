import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { commandLine } from '../processes/liveness.ts';

const LISTEN = '0A';

/** Who listens on a TCP port, as far as this user may know. */
export interface PortHolder {
  pid: number;
  command: string;
}

/** The process that listens on a port of this machine; undefined when it belongs to somebody else's session. */
export function portHolder(port: number): PortHolder | undefined {
  const pid = process.platform === 'linux' ? pidFromProc(port) : pidFromLsof(port);
  return pid === undefined ? undefined : { pid, command: commandLine(pid) ?? 'unknown' };
}

/** The inodes of the sockets that listen on a port, from the text of `/proc/net/tcp` or `tcp6` (proc(5)). */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      return state === LISTEN && local?.endsWith(`:${wanted}`) && inode !== undefined ? [inode] : [];
    });
}

function pidFromProc(port: number): number | undefined {
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => {
    try {
      return listeningInodes(readFileSync(path, 'utf8'), port);
    } catch {
      return [];
    }
  });
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return undefined;
  return readdirSync('/proc')
    .map(Number)
    .find((pid) => Number.isInteger(pid) && pid > 0 && openFiles(pid).some((file) => sockets.has(file)));
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => openFile(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

/** None when the file was closed meanwhile: one that is gone must not hide the others. */
function openFile(link: string): string[] {
  try {
    return [readlinkSync(link)];
  } catch {
    return [];
  }
}

function pidFromLsof(port: number): number | undefined {
  try {
    const text = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const pid = Number(text.split('\n')[0]);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
