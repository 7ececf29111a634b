const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const PARENT_POLL_MS = 500;

/**
 * One Ctrl-C may arrive twice: from the terminal, which signals the whole group, and handed on by npm. What comes
 * later than this is a person who presses again.
 */
export const SAME_REQUEST_MS = 1_000;

/** Who asked: a signal, or the end of the parent process. */
export type StopReason = (typeof SIGNALS)[number] | 'parent ended';

export interface StopHandlers {
  /** The first request to end. */
  stop(reason: StopReason): void;
  /** A person asks again. */
  insist?(): void;
}

/**
 * Calls back when this process is asked to end: SIGINT, SIGTERM, SIGHUP, or its parent has gone (npm was killed, or
 * its shell did not hand the signal on).
 */
export function onStopRequest(handlers: StopHandlers): void {
  const request = createStopRequest(handlers, Date.now);
  for (const signal of SIGNALS) process.on(signal, () => request(signal));
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) request('parent ended');
  }, PARENT_POLL_MS).unref();
  // After the terminal was closed there is nobody to write to; that is no reason to leave servers behind.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

/** Tells the first request, its echoes and a repetition apart. */
export function createStopRequest(
  { stop, insist }: StopHandlers,
  now: () => number,
): (reason: StopReason) => void {
  let first: number | undefined;
  return (reason) => {
    if (first === undefined) {
      first = now();
      stop(reason);
    } else if (now() - first > SAME_REQUEST_MS) {
      insist?.();
    }
  };
}
