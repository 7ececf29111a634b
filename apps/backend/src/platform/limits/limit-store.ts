import { type ClientRateLimitInfo, MemoryStore, type Options, type Store } from 'express-rate-limit';
import type { Redis } from 'ioredis';
import { RedisStore } from 'rate-limit-redis';
import type { Rate } from '../../config/index.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { type CountBatch, type CountShared, createCountBatch } from './count-batch.ts';
import { createFallback, uncounted } from './fallback.ts';
import { createLocalCounts, tellAndAsk, totalOf } from './local-counts.ts';

/** One class of routes with a budget of its own. */
export interface LimitPolicy {
  readonly rate: Rate;
  /** While Redis is away: count in this process, or refuse. */
  readonly withoutRedis: 'local' | 'closed';
  /** Longest time for which hits of a busy client may be known to one process alone; 0: every hit asks Redis. */
  readonly tellEveryMs: number;
  /** False where each process counts for itself. */
  readonly shared?: false;
}

export interface LimitStoreDeps {
  readonly redis?: Redis | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Several hits at once: the first by the script of `rate-limit-redis`, which knows about windows, then the others. */
const countIn =
  (store: RedisStore, redis: Redis): CountShared =>
  async (key, hits) => {
    const first = await store.increment(key);
    if (hits === 1) return first;
    const name = store.prefixKey(key);
    const totalHits = await redis.incrby(name, hits - 1);
    // The window ended in between, and the key has come back without an end.
    if (totalHits === hits - 1) await redis.pexpire(name, store.windowMs);
    return { ...first, totalHits };
  };

/** Pause before the next try to load the scripts, in milliseconds. */
const RETRY_MS = 1000;

interface Shared {
  readonly store: RedisStore;
  readonly batch: CountBatch;
}

/**
 * Counts in Redis, and in this process while Redis is away; it never answers 500 for a counter's sake.
 *
 * `rate-limit-redis` loads its scripts once and keeps a failed attempt for good, so a Redis that was absent at boot
 * would never be used: a store is made anew at each `ready` of the client.
 */
export function createLimitStore(name: string, policy: LimitPolicy, deps: LimitStoreDeps): Store {
  const { redis } = deps;
  if (!redis) return new MemoryStore();
  const local = createLocalCounts();
  const { windowMs } = policy.rate;

  let options: Options | undefined;
  let shared: Shared | undefined;
  let retry: NodeJS.Timeout | undefined;
  const useRedis = async () => {
    if (!options || redis.status !== 'ready') return;
    const store = new RedisStore({
      prefix: `rl:${name}:`,
      sendCommand: (command: string, ...args: string[]) => redis.call(command, ...args) as Promise<never>,
    });
    try {
      await store.init(options);
      shared?.batch.close();
      const batch = createCountBatch(
        {
          limit: policy.rate.limit,
          everyMs: policy.tellEveryMs,
          onLost: (key, hits) => {
            local.of(key, windowMs).untold += hits;
          },
        },
        countIn(store, redis),
      );
      shared = { store, batch };
    } catch (error) {
      deps.logger.warn({ err: error, class: name }, 'Redis does not count requests yet; trying again');
      clearTimeout(retry);
      retry = setTimeout(useRedis, RETRY_MS);
      retry.unref();
    }
  };
  redis.on('ready', useRedis);

  const orHere = createFallback(name, { ...deps, redis });
  const withFallback = <T>(
    ask: (redis: Shared) => Promise<T> | T,
    instead: () => Promise<T> | T,
  ): Promise<T> => orHere(async () => (shared ? { counted: await ask(shared) } : undefined), instead);

  return {
    init(given) {
      options = given;
      if (redis.status === 'ready') void useRedis();
    },
    increment: (key) =>
      withFallback<ClientRateLimitInfo>(
        async ({ batch }) => {
          const count = local.of(key, windowMs);
          const info = await tellAndAsk([count], ([untold]) => batch.count(key, untold));
          count.hits = info.totalHits;
          if (info.resetTime) count.endsAt = info.resetTime.getTime();
          return info;
        },
        () => {
          if (policy.withoutRedis === 'closed') throw uncounted();
          const count = local.of(key, windowMs);
          const resetTime = new Date(count.endsAt);
          // Those that Redis may still answer have a place already; what is refused takes none.
          if (totalOf(count) >= policy.rate.limit) return { totalHits: policy.rate.limit + 1, resetTime };
          count.untold += 1;
          return { totalHits: totalOf(count), resetTime };
        },
      ),
    decrement: (key) =>
      withFallback<void>(
        ({ store }) => store.decrement(key),
        () => {
          const count = local.live(key);
          if (count && count.untold > 0) count.untold -= 1;
        },
      ),
    resetKey: (key) =>
      withFallback<void>(
        ({ store, batch }) => {
          batch.forget(key);
          local.forget(key);
          return store.resetKey(key);
        },
        () => local.forget(key),
      ),
    shutdown: () => {
      redis.off('ready', useRedis);
      clearTimeout(retry);
      shared?.batch.close();
    },
  };
}
