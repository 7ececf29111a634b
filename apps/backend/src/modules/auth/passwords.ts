import { type Claim, createFairLine } from './fair-line.ts';
import { createHashProcess } from './hash-process.ts';

export interface PasswordOptions {
  /** Memory that one hash needs, in KiB. */
  readonly memoryKib: number;
  /** Hashes computed at the same time. */
  readonly hashesAtOnce: number;
  /** Hashes that may wait; one more is refused, so that a login flood cannot pile up. */
  readonly hashesWaiting: number;
  /** Longest time for one hash, in milliseconds, from when it is begun: a thousand times what it takes on an idle machine. */
  readonly hashTimeoutMs?: number;
}

const HASH_TIMEOUT_MS = 30_000;
/** Hashes under way for one account: more than it has guesses, far less than what fits in line. */
const OF_ACCOUNT = 20;

/**
 * Hashing by argon2id, the library's default algorithm, with 2 passes and 1 lane (OWASP's minimum, ASVS 11.4.2); a
 * bounded number of hashes at once, with fair shares, in a process that gives way to everything else.
 */
export function createPasswordHasher(options: PasswordOptions) {
  const { memoryKib, hashesAtOnce, hashesWaiting, hashTimeoutMs = HASH_TIMEOUT_MS } = options;
  const cost = { memoryCost: memoryKib, timeCost: 2, parallelism: 1 };
  const hashes = createHashProcess({ atOnce: hashesAtOnce, timeoutMs: hashTimeoutMs });
  const { inTurn } = createFairLine({ atOnce: hashesAtOnce, waiting: hashesWaiting, ofAccount: OF_ACCOUNT });

  let decoy: string | undefined;
  const decoyHash = async () => {
    decoy ??= await hashes.hash(crypto.randomUUID(), cost);
    return decoy;
  };

  return {
    hash: (password: string, claim?: Claim): Promise<string> =>
      inTurn(() => hashes.hash(password, cost), claim),
    /**
     * Whether the password belongs to the hash. Without a hash it takes as long and is false, so that the time does
     * not tell whether an account exists (ASVS 6.3.8).
     */
    async verify(stored: string | undefined, password: string, claim?: Claim): Promise<boolean> {
      const right = await inTurn(
        async () => hashes.verify(stored ?? (await decoyHash()), password, cost),
        claim,
      );
      return stored !== undefined && right;
    },
    /** Ends the process; what it computes is lost. */
    close: () => hashes.close(),
  };
}

export type PasswordHasher = ReturnType<typeof createPasswordHasher>;
