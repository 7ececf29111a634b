import { ApiError } from '../api-error.ts';
import type { Later } from './types.ts';

/** Bounds of the wait between two attempts, in milliseconds. */
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

interface BackoffPorts {
  readonly later: Later;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

/** Waits longer after each failure, with jitter so that many clients do not come back in the same moment. */
export const createBackoff = ({ later, random }: BackoffPorts) => {
  let failures = 0;
  let cancel = () => {};
  return {
    /** Runs the task once after the next wait; at least as long as the server asked for (`Retry-After`). */
    again: (task: () => void, error: unknown) => {
      cancel();
      const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures) * (0.5 + random() / 2);
      const asked = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0;
      failures += 1;
      cancel = later(Math.max(wait, asked), task);
    },
    /** An attempt succeeded, or there is a reason to try now. */
    reset: () => {
      failures = 0;
      cancel();
    },
    cancel: () => cancel(),
  };
};
