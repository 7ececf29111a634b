import type { Redis } from 'ioredis';
import type { Rate } from '../../config/index.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { createFallback, uncounted } from './fallback.ts';

/** One of the counts that an attempt must fit into. */
export interface Bucket {
  readonly key: string;
  readonly rate: Rate;
}

/** How an attempt was judged. The numbers are those of the first bucket, as they are told to the client. */
export interface Attempt {
  readonly allowed: boolean;
  /** Milliseconds until every bucket has room again; 0 when the attempt is allowed. */
  readonly waitMs: number;
  readonly hits: number;
  readonly resetMs: number;
}

/** The longest wait until all counts have room. */
const WAIT = `
local wait = 0
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 * i - 1]) then
    wait = math.max(wait, redis.call('PTTL', key), 1)
  end
end`;

const LOOK = `${WAIT}
return wait`;

/** Adds to the counts only if each has room: a refused attempt takes nothing from anybody. */
const TAKE = `${WAIT}
if wait == 0 then
  for i, key in ipairs(KEYS) do
    if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[2 * i]) end
  end
end
return { wait, tonumber(redis.call('GET', KEYS[1]) or '0'), math.max(redis.call('PTTL', KEYS[1]), 0) }`;

/** A count whose window has ended meanwhile is not made anew. */
const GIVE_BACK = `
for _, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') > 0 then redis.call('DECR', key) end
end`;

/** Counts kept in this process at most; the oldest goes first. */
const MAX_LOCAL = 50_000;

/** The same rules without Redis. */
function createLocalAttempts() {
  const counts = new Map<string, { hits: number; endsAt: number }>();
  const live = (key: string) => {
    const count = counts.get(key);
    return count && count.endsAt > Date.now() ? count : undefined;
  };
  const add = ({ key, rate }: Bucket) => {
    const count = live(key);
    if (count) {
      count.hits += 1;
      return;
    }
    counts.delete(key);
    const oldest = counts.size >= MAX_LOCAL ? counts.keys().next().value : undefined;
    if (oldest !== undefined) counts.delete(oldest);
    counts.set(key, { hits: 1, endsAt: Date.now() + rate.windowMs });
  };
  const look = (buckets: readonly Bucket[]): number =>
    Math.max(
      0,
      ...buckets.map(({ key, rate }) => {
        const count = live(key);
        return count && count.hits >= rate.limit ? Math.max(1, count.endsAt - Date.now()) : 0;
      }),
    );
  return {
    look,
    take(buckets: readonly Bucket[]): Attempt {
      const waitMs = look(buckets);
      if (waitMs === 0) for (const bucket of buckets) add(bucket);
      const first = live(buckets[0]?.key ?? '');
      return {
        allowed: waitMs === 0,
        waitMs,
        hits: first?.hits ?? 0,
        resetMs: first ? first.endsAt - Date.now() : 0,
      };
    },
    giveBack(buckets: readonly Bucket[]): void {
      for (const { key } of buckets) {
        const count = live(key);
        if (count && count.hits > 0) count.hits -= 1;
      }
    },
  };
}

/**
 * Attempts that are counted one by one in several counts at once: guesses at passwords and other secrets. An attempt
 * is counted before its outcome is known, so that parallel ones cannot slip through, and given back when it was right.
 */
export function createAttempts(
  name: string,
  policy: { readonly withoutRedis: 'local' | 'closed' },
  deps: { readonly redis?: Redis | undefined; readonly logger: Logger; readonly metrics: Metrics },
) {
  const { redis } = deps;
  const local = createLocalAttempts();
  const orHere = redis && createFallback(name, { ...deps, redis });
  const keysOf = (buckets: readonly Bucket[]) => buckets.map(({ key }) => `rl:${name}:${key}`);
  const limitsOf = (buckets: readonly Bucket[]) => buckets.flatMap(({ rate }) => [rate.limit, rate.windowMs]);
  const here = <T>(count: () => T): T => {
    if (redis && policy.withoutRedis === 'closed') throw uncounted();
    return count();
  };

  return {
    /** Milliseconds until all have room, 0 when they have: nothing is counted. @throws AppError unavailable, as `take` */
    look(buckets: readonly Bucket[]): Promise<number> | number {
      const instead = () => here(() => local.look(buckets));
      if (!redis || !orHere) return instead();
      return orHere(async () => {
        const reply = await redis.eval(LOOK, buckets.length, ...keysOf(buckets), ...limitsOf(buckets));
        return { counted: Number(reply) };
      }, instead);
    },

    /** @throws AppError unavailable, where nothing may happen uncounted and Redis is away */
    take(buckets: readonly Bucket[]): Promise<Attempt> | Attempt {
      const instead = () => here(() => local.take(buckets));
      if (!redis || !orHere) return instead();
      return orHere(async () => {
        const reply = await redis.eval(TAKE, buckets.length, ...keysOf(buckets), ...limitsOf(buckets));
        const [waitMs = 0, hits = 0, resetMs = 0] = reply as number[];
        return { counted: { allowed: waitMs === 0, waitMs, hits, resetMs } };
      }, instead);
    },

    /** The attempt was right: it counts as none. */
    async giveBack(buckets: readonly Bucket[]): Promise<void> {
      if (!redis || !orHere) return local.giveBack(buckets);
      await orHere(
        async () => {
          await redis.eval(GIVE_BACK, buckets.length, ...keysOf(buckets));
          return { counted: undefined };
        },
        () => local.giveBack(buckets),
      );
    },
  };
}

export type Attempts = ReturnType<typeof createAttempts>;
