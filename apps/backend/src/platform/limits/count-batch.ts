import type { ClientRateLimitInfo } from 'express-rate-limit';

/** Of what is left of a budget, the share that one process may count on credit before it asks again. */
const CREDIT = 0.1;
/** Clients counted on credit at the same time; further ones are asked for each time. */
const MAX_CLIENTS = 10_000;

export interface CountBatchOptions {
  /** The budget. */
  readonly limit: number;
  /** Longest time for which a hit is known to this process alone, in milliseconds; 0 asks every time. */
  readonly everyMs: number;
}

/** Adds hits to the count that all instances share, and returns that count. */
export type CountShared = (key: string, hits: number) => Promise<ClientRateLimitInfo>;

interface Tally {
  /** The shared count, as far as it is known here. */
  known: ClientRateLimitInfo;
  /** Hits counted here since. */
  untold: number;
}

/**
 * Counts the hits of busy clients in this process and tells the shared count from time to time, so that most requests
 * wait for nobody.
 *
 * The exactness given up: within `everyMs`, each instance may let through a tenth of what was left of the budget
 * without knowing of the others. The less is left, the less is given on credit; the last ten hits are always asked for,
 * so a small budget is exact.
 */
export function createCountBatch({ limit, everyMs }: CountBatchOptions, countShared: CountShared) {
  const tallies = new Map<string, Tally>();
  let timer: NodeJS.Timeout | undefined;

  const mayCountHere = ({ known, untold }: Tally): boolean =>
    untold < Math.floor((limit - known.totalHits) * CREDIT) && (known.resetTime?.getTime() ?? 0) > Date.now();

  const tell = async (key: string, tally: Tally): Promise<void> => {
    const hits = tally.untold;
    tally.untold = 0;
    tally.known = { ...tally.known, totalHits: tally.known.totalHits + hits };
    try {
      tally.known = await countShared(key, hits);
    } catch {
      // The next hit asks again, and meets the trouble itself.
      tallies.delete(key);
    }
  };

  const tellAll = () => {
    for (const [key, tally] of tallies) {
      if (tally.untold > 0) void tell(key, tally);
      else tallies.delete(key);
    }
    timer = tallies.size > 0 ? setTimeout(tellAll, everyMs).unref() : undefined;
  };

  const remember = (key: string, known: ClientRateLimitInfo): void => {
    const tally = tallies.get(key);
    if (tally) tally.known = known;
    else if (tallies.size < MAX_CLIENTS) tallies.set(key, { known, untold: 0 });
    timer ??= setTimeout(tellAll, everyMs).unref();
  };

  return {
    /** Counts one hit, here if that may be, else in the shared count, together with those not told yet. */
    async count(key: string): Promise<ClientRateLimitInfo> {
      const tally = tallies.get(key);
      if (tally && mayCountHere(tally)) {
        tally.untold += 1;
        const { totalHits, resetTime } = tally.known;
        return { totalHits: totalHits + tally.untold, resetTime };
      }
      const untold = tally?.untold ?? 0;
      if (tally) tally.untold = 0;
      const known = await countShared(key, untold + 1);
      if (everyMs > 0) remember(key, known);
      return known;
    },
    forget: (key: string): void => void tallies.delete(key),
    close: (): void => clearTimeout(timer),
  };
}

export type CountBatch = ReturnType<typeof createCountBatch>;
