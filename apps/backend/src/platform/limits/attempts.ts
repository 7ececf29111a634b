import type { Redis } from 'ioredis';
import type { Rate } from '../../config/index.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { createFallback, uncounted } from './fallback.ts';
import { createLocalCounts, type LocalCount, tellAndAsk, totalOf } from './local-counts.ts';

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

/** The longest wait until all counts have room. Of each bucket: limit, window, and further arguments. */
const waitFor = (further: number) => `
local wait = 0
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[${2 + further} * (i - 1) + 1]) then
    wait = math.max(wait, redis.call('PTTL', key), 1)
  end
end`;

const LOOK = `${waitFor(0)}
return wait`;

/**
 * Adds to the counts only if each has room: a refused attempt takes nothing from anybody. First come those that this
 * process has let through without Redis; the third and fourth argument of a bucket are their number and the rest of
 * their window.
 */
const TAKE = `
for i, key in ipairs(KEYS) do
  local untold = tonumber(ARGV[4 * i - 1])
  if untold > 0 and redis.call('INCRBY', key, untold) == untold then
    redis.call('PEXPIRE', key, ARGV[4 * i])
  end
end
${waitFor(2)}
local reply = { wait }
for i, key in ipairs(KEYS) do
  if wait == 0 and redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[4 * i - 2]) end
  reply[2 * i] = tonumber(redis.call('GET', key) or '0')
  reply[2 * i + 1] = math.max(redis.call('PTTL', key), 0)
end
return reply`;

/** A count whose window has ended meanwhile is not made anew. */
const GIVE_BACK = `
for _, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') > 0 then redis.call('DECR', key) end
end`;

/** The same rules without Redis. */
function createLocalAttempts() {
  const counts = createLocalCounts();
  const look = (buckets: readonly Bucket[]): number =>
    Math.max(
      0,
      ...buckets.map(({ key, rate }) => {
        const count = counts.live(key);
        return count && totalOf(count) >= rate.limit ? Math.max(1, count.endsAt - Date.now()) : 0;
      }),
    );
  return {
    look,
    of: (buckets: readonly Bucket[]): LocalCount[] =>
      buckets.map(({ key, rate }) => counts.of(key, rate.windowMs)),
    take(buckets: readonly Bucket[]): Attempt {
      const waitMs = look(buckets);
      if (waitMs === 0) for (const { key, rate } of buckets) counts.of(key, rate.windowMs).untold += 1;
      const first = counts.live(buckets[0]?.key ?? '');
      return {
        allowed: waitMs === 0,
        waitMs,
        hits: first ? totalOf(first) : 0,
        resetMs: first ? first.endsAt - Date.now() : 0,
      };
    },
    giveBack(buckets: readonly Bucket[], from: 'hits' | 'untold'): void {
      for (const { key } of buckets) {
        const count = counts.live(key);
        if (count && count[from] > 0) count[from] -= 1;
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
        const counts = local.of(buckets);
        const [waitMs = 0, ...told] = await tellAndAsk(counts, async (untold) => {
          const bounds = buckets.flatMap(({ rate }, n) => [
            rate.limit,
            rate.windowMs,
            untold[n] ?? 0,
            Math.max(1, (counts[n]?.endsAt ?? 0) - Date.now()),
          ]);
          return (await redis.eval(TAKE, buckets.length, ...keysOf(buckets), ...bounds)) as number[];
        });
        for (const [n, count] of counts.entries()) {
          const [hits = 0, leftMs = 0] = told.slice(2 * n);
          count.hits = hits;
          if (leftMs > 0) count.endsAt = Date.now() + leftMs;
        }
        const [hits = 0, resetMs = 0] = told;
        return { counted: { allowed: waitMs === 0, waitMs, hits, resetMs } };
      }, instead);
    },

    /** The attempt was right: it counts as none. */
    async giveBack(buckets: readonly Bucket[]): Promise<void> {
      if (!redis || !orHere) return local.giveBack(buckets, 'untold');
      await orHere(
        async () => {
          try {
            await redis.eval(GIVE_BACK, buckets.length, ...keysOf(buckets));
            local.giveBack(buckets, 'hits');
          } catch {
            // It may have been given back all the same: doing so twice would let through a guess too many.
          }
          return { counted: undefined };
        },
        () => local.giveBack(buckets, 'untold'),
      );
    },
  };
}

export type Attempts = ReturnType<typeof createAttempts>;
