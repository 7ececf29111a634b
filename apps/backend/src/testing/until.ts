import { setTimeout as wait } from 'node:timers/promises';

/** Longest wait for something that must come true; only a failing test waits so long. */
const PATIENCE_MS = 15_000;
const STEP_MS = 25;

/** Resolves when the condition holds; a condition that throws does not hold yet. Rejects when it takes too long. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  let cause: unknown;
  while (Date.now() < deadline) {
    try {
      if (await condition()) return;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await wait(STEP_MS);
  }
  throw new Error(`Did not come true within ${PATIENCE_MS} ms: ${condition}`, { cause });
}
