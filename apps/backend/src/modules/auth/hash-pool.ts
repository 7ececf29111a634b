import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Options } from '@node-rs/argon2';

export interface HashJob {
  readonly password: string;
  /** The hash that the password is compared with; without one a new hash is made. */
  readonly against?: string;
  readonly cost: Options;
}

export type HashOutcome = { readonly value: string | boolean } | { readonly error: unknown };

/**
 * Threads of low priority for password hashes. On libuv's threads they would have the priority of the event loop, and
 * a flood of sign-ins would take half of the CPU from everybody else's requests. A thread begins with the first job
 * that needs it. Whoever uses the pool bounds how many jobs it gets.
 */
export function createHashPool() {
  const threads = new Set<Worker>();
  const idle: Worker[] = [];

  const start = (): Worker => {
    const file = `./hash-worker${extname(import.meta.url)}`;
    // Neither instrumentation nor other options of the process: it computes and nothing else.
    const thread = new Worker(new URL(file, import.meta.url), { execArgv: [], name: 'password-hash' });
    threads.add(thread);
    thread.once('exit', () => threads.delete(thread));
    return thread;
  };

  const run = (job: HashJob): Promise<string | boolean> => {
    const thread = idle.pop() ?? start();
    thread.ref();
    return new Promise((resolve, reject) => {
      const settle = () => {
        thread.off('message', onMessage).off('error', onError).off('exit', onExit);
        // Waiting for the next job keeps no process alive.
        thread.unref();
      };
      const onMessage = (outcome: HashOutcome) => {
        settle();
        idle.push(thread);
        if ('value' in outcome) resolve(outcome.value);
        else reject(outcome.error);
      };
      const onError = (error: unknown) => {
        settle();
        reject(error);
      };
      const onExit = () => onError(new Error('A thread for password hashes has ended.'));
      thread.on('message', onMessage).on('error', onError).on('exit', onExit);
      thread.postMessage(job);
    });
  };

  return {
    hash: async (password: string, cost: Options): Promise<string> => String(await run({ password, cost })),
    verify: async (against: string, password: string, cost: Options): Promise<boolean> =>
      (await run({ password, against, cost })) === true,
    close: async (): Promise<void> => {
      await Promise.all([...threads].map((thread) => thread.terminate()));
    },
  };
}
