import { AppError } from '../../platform/errors.ts';
import { createHashProcess } from './hash-process.ts';

export interface PasswordOptions {
  /** Memory that one hash needs, in KiB. */
  readonly memoryKib: number;
  /** Hashes computed at the same time. */
  readonly hashesAtOnce: number;
  /** Hashes that may wait; one more is refused, so that a login flood cannot pile up. */
  readonly hashesWaiting: number;
}

/**
 * Hashing by argon2id, the library's default algorithm, with 2 passes and 1 lane (OWASP's minimum, ASVS 11.4.2); a
 * bounded number of hashes at once, in a process that gives way to everything else.
 */
export function createPasswordHasher({ memoryKib, hashesAtOnce, hashesWaiting }: PasswordOptions) {
  const cost = { memoryCost: memoryKib, timeCost: 2, parallelism: 1 };
  const hashes = createHashProcess(hashesAtOnce);
  let running = 0;
  const waiting: (() => void)[] = [];

  const turn = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const go = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      // Nobody waits for the answer any more: the place in the line is free again.
      const leave = () => {
        const place = waiting.indexOf(go);
        if (place >= 0) waiting.splice(place, 1);
        reject(new AppError('unavailable', 'The client has gone before its turn.', { retryAfterS: 5 }));
      };
      signal?.addEventListener('abort', leave, { once: true });
      waiting.push(go);
    });

  const inTurn = async <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    signal?.throwIfAborted();
    if (running >= hashesAtOnce) {
      if (waiting.length >= hashesWaiting) {
        throw new AppError(
          'unavailable',
          'Too many people are signing in right now. Try again in a moment.',
          { retryAfterS: 5 },
        );
      }
      await turn(signal);
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };

  let decoy: string | undefined;
  const decoyHash = async () => {
    decoy ??= await hashes.hash(crypto.randomUUID(), cost);
    return decoy;
  };

  return {
    hash: (password: string, signal?: AbortSignal): Promise<string> =>
      inTurn(() => hashes.hash(password, cost), signal),
    /**
     * Whether the password belongs to the hash. Without a hash it takes as long and is false, so that the time does
     * not tell whether an account exists (ASVS 6.3.8).
     */
    async verify(stored: string | undefined, password: string, signal?: AbortSignal): Promise<boolean> {
      const right = await inTurn(
        async () => hashes.verify(stored ?? (await decoyHash()), password, cost),
        signal,
      );
      return stored !== undefined && right;
    },
    /** Ends the process; what it computes is lost. */
    close: () => hashes.close(),
  };
}

export type PasswordHasher = ReturnType<typeof createPasswordHasher>;
