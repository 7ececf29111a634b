/** A failure whose message is one sentence for the person at the keyboard: what is wrong and the remedy. */
export class DevServiceError extends Error {
  override name = 'DevServiceError';
}

/** Errors of other packages whose message says everything. */
const EXPLAINED = new Set(['DevServiceError', 'MigrationError', 'DatabaseUrlError', 'SeedError']);

/** What to print about a failure: the message where it says everything, else the error itself with its stack. */
export function explain(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (EXPLAINED.has(error.name)) return error.message;
  if (hasCode(error, 'EACCES') && 'path' in error) {
    return `${error.path} may not be written by this user (was an earlier run made with sudo?): give it to yourself with "sudo chown", or remove it.`;
  }
  return error;
}

/** Whether a thrown value is a system error with this code, for example `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
