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
  /** Hears of hits counted here that could not be told. */
  readonly onLost?: (key: string, hits: number) => void;
}

/** Adds hits to the count that all instances share, and returns that count. */
export type CountShared = (key: string, hits: number) => Promise<ClientRateLimitInfo>;

interface Tally {
  /** The shared count, as far as it is known here. */
  known: ClientRateLimitInfo;
  /** Hits counted here since. */
  untold: number;
  /** Hits told to the shared count, which has not answered yet: `known` does not contain them. */
  asked: number;
}

/** Half a second apart is the same window: its end is reckoned from what is left of it. */
const isLater = (one: ClientRateLimitInfo, other: ClientRateLimitInfo): boolean =>
  (one.resetTime?.getTime() ?? 0) > (other.resetTime?.getTime() ?? 0) + 500;

/**
 * Counts the hits of busy clients in this process and tells the shared count from time to time, so that most requests
 * wait for nobody.
 *
 * The exactness given up: within `everyMs`, each instance may let through a tenth of what was left of the budget
 * without knowing of the others. The less is left, the less is given on credit; the last ten hits are always asked for,
 * so a small budget is exact.
 */
export function createCountBatch({ limit, everyMs, onLost }: CountBatchOptions, countShared: CountShared) {
  const tallies = new Map<string, Tally>();
  let timer: NodeJS.Timeout | undefined;

  /** On credit, or used up already: by how much a refused client is over needs no exactness, and costs no round trip. */
  const mayCountHere = ({ known, untold, asked }: Tally): boolean =>
    (known.totalHits > limit || untold + asked < Math.floor((limit - known.totalHits) * CREDIT)) &&
    (known.resetTime?.getTime() ?? 0) > Date.now();

  const ask = async (key: string, tally: Tally, further: number): Promise<ClientRateLimitInfo> => {
    const hits = tally.untold + further;
    tally.untold = 0;
    tally.asked += hits;
    try {
      const known = await countShared(key, hits);
      const older = known.totalHits < tally.known.totalHits && !isLater(known, tally.known);
      if (!older) tally.known = known;
      return known;
    } catch (error) {
      if (hits > further) onLost?.(key, hits - further);
      throw error;
    } finally {
      tally.asked -= hits;
    }
  };

  const tell = async (key: string, tally: Tally): Promise<void> => {
    try {
      await ask(key, tally, 0);
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
    if (!tallies.has(key) && tallies.size < MAX_CLIENTS) tallies.set(key, { known, untold: 0, asked: 0 });
    timer ??= setTimeout(tellAll, everyMs).unref();
  };

  return {
    /**
     * Counts one hit, here if that may be, else in the shared count, together with those not told yet.
     * @param missed further hits that the shared count does not know of
     */
    async count(key: string, missed = 0): Promise<ClientRateLimitInfo> {
      const tally = tallies.get(key);
      if (missed === 0 && tally && mayCountHere(tally)) {
        tally.untold += 1;
        const { totalHits, resetTime } = tally.known;
        return { totalHits: totalHits + tally.asked + tally.untold, resetTime };
      }
      if (tally) return ask(key, tally, 1 + missed);
      const known = await countShared(key, 1 + missed);
      if (everyMs > 0) remember(key, known);
      return known;
    },
    forget: (key: string): void => void tallies.delete(key),
    close(): void {
      clearTimeout(timer);
      for (const [key, { untold }] of tallies) if (untold > 0) onLost?.(key, untold);
      tallies.clear();
    },
  };
}

export type CountBatch = ReturnType<typeof createCountBatch>;
