import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Options } from '@node-rs/argon2';
import { AppError } from '../../platform/errors.ts';

export interface HashJob {
  readonly id: number;
  readonly password: string;
  /** The hash that the password is compared with; without one a new hash is made. */
  readonly against?: string;
  readonly cost: Options;
}

export interface HashOutcome {
  readonly id: number;
  readonly value?: string | boolean;
  readonly error?: unknown;
}

export interface HashProcessOptions {
  /** Jobs computed at the same time. */
  readonly atOnce: number;
  /** After so many milliseconds without an answer the process is taken for hung: it is killed, and its jobs fail. */
  readonly timeoutMs: number;
}

interface Waiting {
  readonly timer: NodeJS.Timeout;
  resolve(value: string | boolean): void;
  reject(error: unknown): void;
}

const FILE = fileURLToPath(new URL(`./hash-worker${extname(import.meta.url)}`, import.meta.url));

/** A third of the weight of an ordinary process (nice(2)): at the lowest one, a busy machine would let nobody sign in. */
export const NICE = 5;

/**
 * Gives way to everybody else. Where the system does not allow it, hashes are computed at the usual one.
 */
function lower({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, NICE);
  } catch {
    // Nothing else depends on it.
  }
}

/**
 * A process of low priority for password hashes. On threads of this process they would have the priority of the event
 * loop; with a lower one they would hold it up all the same, because each asks the kernel for much memory, and the
 * threads of a process wait for each other there. It begins with the first job, and again after it has died. Whoever
 * uses it bounds how many jobs it gets.
 */
export function createHashProcess({ atOnce, timeoutMs }: HashProcessOptions) {
  const waiting = new Map<number, Waiting>();
  let child: ChildProcess | undefined;
  let last = 0;

  const start = (): ChildProcess => {
    const started = fork(FILE, [], {
      // Neither instrumentation nor secrets of the environment: it computes and nothing else.
      execArgv: [],
      env: { UV_THREADPOOL_SIZE: String(atOnce) },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    started.on('message', ({ id, value, error }: HashOutcome) => {
      const job = waiting.get(id);
      waiting.delete(id);
      clearTimeout(job?.timer);
      if (waiting.size === 0) started.channel?.unref();
      if (value === undefined) job?.reject(error);
      else job?.resolve(value);
    });
    const ended = (cause?: Error) => {
      if (child === started) child = undefined;
      const error = new AppError('unavailable', 'Passwords cannot be checked right now. Try again.', {
        retryAfterS: 1,
        cause: cause ?? new Error('The process for password hashes has ended.'),
      });
      for (const job of waiting.values()) {
        clearTimeout(job.timer);
        job.reject(error);
      }
      waiting.clear();
    };
    started.once('error', ended);
    started.once('exit', () => ended());
    lower(started);
    // Waiting for the next job keeps nobody alive.
    started.unref();
    return started;
  };

  const run = (job: Omit<HashJob, 'id'>): Promise<string | boolean> =>
    new Promise((resolve, reject) => {
      child ??= start();
      const asked = child;
      last += 1;
      const id = last;
      const timer = setTimeout(() => {
        // If it was this process that was late, the answer has come meanwhile, and is read first.
        setImmediate(() => waiting.has(id) && asked.kill('SIGKILL'));
      }, timeoutMs);
      waiting.set(id, { timer, resolve, reject });
      child.channel?.ref();
      child.send({ ...job, id }, (error) => {
        if (!error || !waiting.delete(id)) return;
        clearTimeout(timer);
        reject(error);
      });
    });

  return {
    hash: async (password: string, cost: Options): Promise<string> => String(await run({ password, cost })),
    verify: async (against: string, password: string, cost: Options): Promise<boolean> =>
      (await run({ password, against, cost })) === true,
    async close(): Promise<void> {
      const ending = child;
      if (!ending || ending.exitCode !== null) return;
      const exited = once(ending, 'exit');
      ending.kill('SIGKILL');
      await exited;
    },
  };
}
