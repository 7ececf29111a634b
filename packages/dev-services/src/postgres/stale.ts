import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DevServiceError } from '../errors.ts';
import { commandLine, isSame, markOf, type ProcessMark } from '../processes/liveness.ts';
import { signalProcess } from '../processes/process.ts';

const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 50;

/**
 * Ends a PostgreSQL that a killed session left running in this data folder, and removes the lock file of one that is
 * gone. The process id in the file may meanwhile belong to any other program, which is left alone.
 *
 * @param owner who started it; as long as that process lives, the server is not stale
 * @throws {DevServiceError} when the server is in use, or does not end
 */
export async function endStaleServer(data: string, owner: ProcessMark | undefined): Promise<void> {
  const lockFile = join(data, 'postmaster.pid');
  const pid = parsePostmasterPid(await readFile(lockFile, 'utf8').catch(() => ''));
  if (pid === undefined) return;
  // The lock file of a server that is gone is for PostgreSQL itself to judge: its children may still be ending.
  if (markOf(pid) === undefined) return;
  if (!isPostgresOf(commandLine(pid), data)) {
    await rm(lockFile, { force: true });
    return;
  }
  if (owner !== undefined && isSame(owner)) {
    throw new DevServiceError(
      `PostgreSQL already runs in ${data}, started by process ${owner.pid} (${commandLine(owner.pid) ?? 'unknown'}): ` +
        'end that one first.',
    );
  }
  signalProcess(pid, 'SIGINT');
  if (await waitForEnd(pid)) return;
  signalProcess(pid, 'SIGQUIT');
  if (await waitForEnd(pid)) return;
  throw new DevServiceError(
    `A PostgreSQL of an earlier run (process ${pid}) still uses ${data} and does not end: run "kill -9 ${pid}" and try again.`,
  );
}

/** The server's process id: the first line of `postmaster.pid`. */
export function parsePostmasterPid(text: string): number | undefined {
  const pid = Number(text.split('\n')[0]);
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}

/** Whether a command line is that of a PostgreSQL server on this data folder. */
export function isPostgresOf(command: string | undefined, data: string): boolean {
  return command !== undefined && `${command} `.includes(`/postgres -D ${data} `);
}

async function waitForEnd(pid: number): Promise<boolean> {
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (markOf(pid) === undefined) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return false;
}
