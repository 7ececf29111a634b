/** A failure whose message is one sentence for the person at the keyboard: what is wrong and the remedy. */
export class DevServiceError extends Error {
  override name = 'DevServiceError';
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether a thrown value is a system error with this code, for example `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
