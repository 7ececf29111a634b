/** A count of one window, as far as this process knows it. */
export interface LocalCount {
  /** The shared count, when it was last heard of. */
  hits: number;
  /** Hits of this process that the shared count does not contain. */
  untold: number;
  /** Hits told to the shared count, which has not answered yet. */
  asked: number;
  /** When the window ends, in milliseconds since 1970. */
  endsAt: number;
}

/** Counts kept in this process at most; the oldest goes first. */
const MAX = 50_000;

/** What a process must take for used up. */
export const totalOf = ({ hits, untold, asked }: LocalCount): number => hits + untold + asked;

/**
 * Counts of this process. They go on while Redis counts, and what happened without Redis is told to it afterwards: so
 * changing over, in either direction, starts no budget anew.
 */
export function createLocalCounts() {
  const counts = new Map<string, LocalCount>();
  const live = (key: string): LocalCount | undefined => {
    const count = counts.get(key);
    return count && count.endsAt > Date.now() ? count : undefined;
  };
  return {
    live,
    /** The count of this key; a new one when there is none whose window is open. */
    of(key: string, windowMs: number): LocalCount {
      const known = live(key);
      if (known) return known;
      counts.delete(key);
      const oldest = counts.size >= MAX ? counts.keys().next().value : undefined;
      if (oldest !== undefined) counts.delete(oldest);
      const count = { hits: 0, untold: 0, asked: 0, endsAt: Date.now() + windowMs };
      counts.set(key, count);
      return count;
    },
    forget: (key: string): void => void counts.delete(key),
  };
}

/**
 * Asks the shared count about one more hit, and tells it what it has missed.
 * @returns what was asked
 */
export async function tellAndAsk<T>(
  counts: readonly LocalCount[],
  ask: (untold: readonly number[]) => Promise<T> | T,
): Promise<T> {
  const untold = counts.map((count) => count.untold);
  for (const count of counts) {
    count.asked += count.untold + 1;
    count.untold = 0;
  }
  const settle = (again: 0 | 1) => {
    for (const [n, count] of counts.entries()) {
      const told = untold[n] ?? 0;
      count.asked -= told + 1;
      count.untold += again * told;
    }
  };
  try {
    const answer = await ask(untold);
    settle(0);
    return answer;
  } catch (error) {
    settle(1);
    throw error;
  }
}
