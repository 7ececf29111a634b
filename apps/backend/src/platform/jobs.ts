import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from './logger.ts';

/** Work that is due again and again, whoever does it: it must do no harm when two processes do it at once. */
export interface Job {
  readonly name: string;
  /** Pause between the end of one run and the start of the next, in milliseconds. */
  readonly everyMs: number;
  readonly run: () => Promise<void>;
}

/** Runs jobs, each one after the other with itself, until it is closed. A failing run is logged and tried next time. */
export function createJobs(jobs: readonly Job[], deps: { logger: Logger }) {
  const stopped = new AbortController();

  const repeat = async ({ name, everyMs, run }: Job): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        await run();
      } catch (error) {
        deps.logger.warn({ err: error, job: name }, 'A job failed; it is tried again next time');
      }
      await wait(everyMs, undefined, { signal: stopped.signal, ref: false }).catch(() => {});
    }
  };
  const running = jobs.map(repeat);

  return {
    async close() {
      stopped.abort();
      await Promise.all(running);
    },
  };
}
