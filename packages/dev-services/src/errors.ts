/** A failure whose message is one sentence for the person at the keyboard: what is wrong and the remedy. */
export class DevServiceError extends Error {
  override name = 'DevServiceError';
}

/** Errors of other packages whose message says everything. */
const EXPLAINED = new Set(['DevServiceError', 'MigrationError', 'DatabaseUrlError', 'SeedError']);

/** What the system says about a place that cannot be written to, in words (errno(3)). */
const STORAGE: Readonly<Record<string, (place: string) => string>> = {
  EROFS: (place) =>
    `${place} is on a file system that is mounted read-only: move the project to a folder that can be written to, or mount it with write access.`,
  EACCES: (place) =>
    `${place} may not be written by this user (was an earlier run made with sudo?): give it to yourself with "sudo chown -R $(id -u) <folder>", or remove it.`,
  ENOSPC: (place) => `The disk of ${place} is full: delete something, then try again.`,
  EFBIG: (place) =>
    `Files in ${place} may not become larger (a limit of this shell): lift it with "ulimit -f unlimited", then try again.`,
  EDQUOT: (place) => `Your disk quota for ${place} is used up: delete something, then try again.`,
};

/**
 * One sentence for an error about a place that cannot be written to; undefined for any other error.
 *
 * @param folder named when the error names no path
 */
export function explainStorage(error: unknown, folder?: string): string | undefined {
  const thrown = codeOf(error);
  if (typeof error !== 'object' || error === null || typeof thrown !== 'string') return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  const place = folder ?? path;
  const code = thrown === 'EPERM' ? 'EACCES' : thrown;
  return Object.hasOwn(STORAGE, code) ? STORAGE[code]?.(place ?? 'a folder that is needed') : undefined;
}

/** What to print about a failure: the message where it says everything, else the error itself with its stack. */
export function explain(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (EXPLAINED.has(error.name)) return error.message;
  return explainStorage(error) ?? error;
}

/** Whether a thrown value is a system error with this code, for example `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return codeOf(error) === code;
}

/** Not by `instanceof`: under Jest, errors of Node itself are of another realm, and a port in use would count as free. */
function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
