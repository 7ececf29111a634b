import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DevServiceError, explainStorage } from '../errors.ts';

const MIB = 1024 * 1024;
/** PostgreSQL makes 40 MiB of files in a new data folder and writes 16 MiB of log ahead at a time. */
const ROOM_MIB = 120;
const PROBE = Buffer.alloc(4096);

/**
 * Looks whether files can be written to these folders, made if they are not there, before anything starts.
 *
 * @param roomFor the folder that the database will grow in
 * @throws {DevServiceError} one sentence: read-only, not allowed, full, or less room than a database needs
 */
export function checkStorage(folders: readonly string[], roomFor?: string): void {
  for (const folder of folders) {
    const probe = join(folder, `.plinth-probe-${process.pid}`);
    try {
      mkdirSync(folder, { recursive: true });
      const file = openSync(probe, 'w');
      try {
        writeSync(file, PROBE);
        // A quota or a network file system may refuse only here.
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      throw new DevServiceError(explainStorage(error, folder) ?? String(error));
    } finally {
      removeProbe(probe);
    }
  }
  if (roomFor !== undefined) checkRoom(roomFor);
}

function removeProbe(probe: string): void {
  try {
    rmSync(probe, { force: true });
  } catch {
    // Nothing was written to a folder that cannot be written to.
  }
}

function checkRoom(folder: string): void {
  const { bavail, bsize } = statfsSync(existing(folder));
  const free = Math.floor((bavail * bsize) / MIB);
  if (free >= ROOM_MIB) return;
  throw new DevServiceError(
    `The disk of ${folder} has only ${free} MiB left and the development database needs ${ROOM_MIB}: delete something, or set DEV_FOLDER to a folder on another disk.`,
  );
}

function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder));
}
