import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DevServiceError, hasCode } from '../errors.ts';
import { isSame, markOf, type ProcessMark, parseMark } from '../processes/liveness.ts';

const POLL_MS = 50;

/** Who uses the data of a development folder. */
export interface LockHolder extends ProcessMark {
  /** The command that has the database for itself for a moment; unset for one that runs the services. */
  command?: string;
}

/** The live process that uses the data of this folder, if there is one. */
export function lockHolder(devFolder: string): LockHolder | undefined {
  const text = readLock(devFolder);
  const mark = parseMark(text);
  if (text === undefined || mark === undefined || !isSame(mark)) return undefined;
  const { command }: { command?: unknown } = JSON.parse(text);
  return typeof command === 'string' ? { ...mark, command } : mark;
}

/**
 * Makes this process the one that uses the data of the folder.
 *
 * @param command set by a command that has the database for itself for a moment, for messages
 * @returns how to give the lock back
 * @throws {DevServiceError} when another live process holds it
 */
export function acquireLock(devFolder: string, command?: string): () => void {
  mkdirSync(devFolder, { recursive: true });
  const path = join(devFolder, 'lock.json');
  const holder = lockHolder(devFolder);
  if (holder !== undefined) throw new DevServiceError(alreadyRunning(holder));
  // Left by a process that was killed; a file without an owner is nobody's.
  rmSync(path, { force: true });
  try {
    writeFileSync(path, JSON.stringify({ ...markOf(process.pid), command }), { flag: 'wx' });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    throw new DevServiceError('Another start in this folder was a moment faster: use that one.');
  }
  return () => rmSync(path, { force: true });
}

/** One sentence for whoever starts a second time. */
export function alreadyRunning({ pid, command }: LockHolder): string {
  if (command !== undefined)
    return `"${command}" (process ${pid}) uses the development database of this folder: try again when it has ended.`;
  return (
    `The development services of this folder already run (process ${pid}, from an "npm run dev", "npx turbo dev" or ` +
    `"npm start"): use that one, or end it with Ctrl-C or "kill ${pid}" first.`
  );
}

/** Waits until no process uses the data of this folder any more, at most this long. */
export async function waitForLockRelease(devFolder: string, timeoutMs = 15_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline && lockHolder(devFolder) !== undefined) await sleep(POLL_MS);
}

function readLock(devFolder: string): string | undefined {
  try {
    return readFileSync(join(devFolder, 'lock.json'), 'utf8');
  } catch {
    return undefined;
  }
}
