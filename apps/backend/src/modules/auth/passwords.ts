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

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= hashesAtOnce) {
      if (waiting.length >= hashesWaiting) {
        throw new AppError(
          'unavailable',
          'Too many people are signing in right now. Try again in a moment.',
          { retryAfterS: 5 },
        );
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
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
    hash: (password: string): Promise<string> => inTurn(() => hash(password, OPTIONS)),
    /**
     * Whether the password belongs to the hash. Without a hash it takes as long and is false, so that the time does
     * not tell whether an account exists (ASVS 6.3.8).
     */
    async verify(stored: string | undefined, password: string): Promise<boolean> {
      decoy ??= hash(crypto.randomUUID(), OPTIONS);
      const against = stored ?? (await decoy);
      const right = await inTurn(() => verify(against, password));
      return stored !== undefined && right;
    },
  };
}

export type PasswordHasher = ReturnType<typeof createPasswordHasher>;
