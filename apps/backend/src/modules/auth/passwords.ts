import { hash, type Options, verify } from '@node-rs/argon2';
import { AppError } from '../../platform/errors.ts';

/** OWASP's minimum for argon2id, which is the library's default algorithm: 19 MiB, 2 passes, 1 lane. */
const OPTIONS: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export interface PasswordOptions {
  /** Hashes computed at the same time. */
  readonly hashesAtOnce: number;
  /** Hashes that may wait; one more is refused, so that a login flood cannot pile up. */
  readonly hashesWaiting: number;
}

/** Hashing with a bounded number of hashes at once: it runs off the event loop, but it eats whole cores. */
export function createPasswordHasher({ hashesAtOnce, hashesWaiting }: PasswordOptions) {
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

  let decoy: Promise<string> | undefined;

  return {
    hash: (password: string, signal?: AbortSignal): Promise<string> =>
      inTurn(() => hash(password, OPTIONS), signal),
    /**
     * Whether the password belongs to the hash. Without a hash it takes as long and is false, so that the time does
     * not tell whether an account exists (ASVS 6.3.8).
     */
    async verify(stored: string | undefined, password: string, signal?: AbortSignal): Promise<boolean> {
      decoy ??= hash(crypto.randomUUID(), OPTIONS);
      const against = stored ?? (await decoy);
      const right = await inTurn(() => verify(against, password), signal);
      return stored !== undefined && right;
    },
  };
}

export type PasswordHasher = ReturnType<typeof createPasswordHasher>;
