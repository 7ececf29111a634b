import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 250;
const REPLY_TIMEOUT_MS = 2_000;

/** Waits until an address answers with success, however long that takes; rejects when the signal aborts. */
export async function untilAnswers(url: string, signal: AbortSignal): Promise<void> {
  while (!(await answers(url, signal))) await sleep(POLL_MS, undefined, { signal });
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const reply = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(REPLY_TIMEOUT_MS)]),
    });
    await reply.body?.cancel();
    return reply.ok;
  } catch {
    return false;
  }
}
