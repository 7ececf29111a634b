import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** One round of load on one server. */
export interface LoadOrder {
  readonly port: number;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Any other status ends the run: a server that refuses quickly is not fast. */
  readonly status: number;
  readonly connections: number;
  /** Sent but not counted before the measurement. */
  readonly warmUpMs: number;
  readonly durationMs: number;
}

export interface LoadResult {
  /** All replies, those of the warm-up included. */
  readonly answered: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Starts the thread that makes load; `run` carries out one order at a time. */
export function createLoad() {
  const worker = new Worker(new URL('./load-worker.ts', import.meta.url));
  return {
    async run(order: LoadOrder): Promise<LoadResult> {
      worker.postMessage(order);
      const [message] = await once(worker, 'message');
      const { result, error }: { result?: LoadResult; error?: Error } = message;
      if (!result) throw error ?? new Error('The load ended without a result.');
      return result;
    },
    close: async () => void (await worker.terminate()),
  };
}

export type Load = ReturnType<typeof createLoad>;
