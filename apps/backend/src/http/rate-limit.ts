import type { LimitClass } from '@plinth/contracts';
import type { RequestHandler } from 'express';
import {
  type ClientRateLimitInfo,
  ipKeyGenerator,
  MemoryStore,
  type Options,
  rateLimit,
  type Store,
} from 'express-rate-limit';
import type { Redis } from 'ioredis';
import { RedisStore } from 'rate-limit-redis';
import type { Rate } from '../config/index.ts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import { addressOf, stateOf } from './request-state.ts';

/** One class of routes with a budget of its own. */
export interface LimitPolicy {
  readonly rate: Rate;
  /** While Redis is away: count in this process, or refuse. */
  readonly withoutRedis: 'local' | 'closed';
  /** Longest time for which a hit of a busy client may be known to one process alone; 0: every hit asks Redis. */
  readonly tellEveryMs: number;
}

type Limited = Exclude<LimitClass, 'none'>;

interface Deps {
  readonly redis?: Redis | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Counts in Redis, and in this process while Redis is away; it never answers 500 for a counter's sake.
 *
 * `rate-limit-redis` loads its scripts once and keeps a failed attempt for good, so a Redis that was absent at boot
 * would never be used: a store is made anew at each `ready` of the client.
 */
export function createLimitStore(name: string, policy: LimitPolicy, deps: Deps): Store {
  const local = new MemoryStore();
  const { redis } = deps;
  if (!redis) return local;

  let options: Options | undefined;
  let shared: RedisStore | undefined;
  /** A few milliseconds after the end of its window a key is gone, and adding to it would make one that stays. */
  const WINDOW_ENDS_MS = 1000;
  const countShared = async (store: RedisStore, key: string, hits: number): Promise<ClientRateLimitInfo> => {
    const first = await store.increment(key);
    if (hits === 1 || (first.resetTime?.getTime() ?? 0) - Date.now() < WINDOW_ENDS_MS) return first;
    return { ...first, totalHits: await redis.incrby(store.prefixKey(key), hits - 1) };
  };
  const useRedis = async () => {
    if (!options) return;
    const store = new RedisStore({
      prefix: `rl:${name}:`,
      sendCommand: (command: string, ...args: string[]) => redis.call(command, ...args) as Promise<never>,
    });
    try {
      await store.init(options);
      shared = store;
    } catch (error) {
      deps.logger.debug({ err: error, class: name }, 'Redis went away again before it could count');
    }
  };
  redis.on('ready', useRedis);

  const withFallback = async <T>(
    ask: (store: RedisStore) => Promise<T> | T,
    instead: () => Promise<T> | T,
  ): Promise<T> => {
    if (shared && redis.status === 'ready') {
      try {
        return await ask(shared);
      } catch (error) {
        deps.logger.debug({ err: error, class: name }, 'Redis did not count a request');
      }
    }
    deps.metrics.rateLimitFallbacks.inc({ class: name });
    return instead();
  };

  return {
    init(given) {
      options = given;
      local.init(given);
      if (redis.status === 'ready') void useRedis();
    },
    increment: (key) =>
      withFallback<ClientRateLimitInfo>(
        (store) => store.increment(key),
        () => {
          if (policy.withoutRedis === 'closed') {
            throw new AppError('unavailable', 'This cannot be checked right now. Try again in a moment.', {
              retryAfterS: 5,
            });
          }
          return local.increment(key);
        },
      ),
    decrement: (key) =>
      withFallback<void>(
        (store) => store.decrement(key),
        () => local.decrement(key),
      ),
    resetKey: (key) =>
      withFallback<void>(
        (store) => store.resetKey(key),
        () => local.resetKey(key),
      ),
    shutdown: () => {
      redis.off('ready', useRedis);
      local.shutdown();
    },
  };
}

/** One limiter for each class. Signed-in users are counted by user, everybody else by address (IPv6 by /64). */
export function createRateLimiters(policies: Readonly<Record<Limited, LimitPolicy>>, deps: Deps) {
  const stores: Store[] = [];
  const limiter = (name: Limited): RequestHandler => {
    const policy = policies[name];
    const store = createLimitStore(name, policy, deps);
    stores.push(store);
    return rateLimit({
      windowMs: policy.rate.windowMs,
      limit: policy.rate.limit,
      identifier: name,
      standardHeaders: 'draft-8',
      legacyHeaders: true,
      store,
      keyGenerator: (req, res) => {
        const { user } = stateOf(res);
        return user && name !== 'auth' ? `user:${user.userId}` : `ip:${ipKeyGenerator(addressOf(req), 64)}`;
      },
      handler: (_req, res, next) => {
        deps.metrics.rateLimited.inc({ class: name });
        const retryAfterS = Number(res.getHeader('Retry-After') ?? Math.ceil(policy.rate.windowMs / 1000));
        next(
          new AppError('rate_limited', `Too many requests. Try again in ${retryAfterS} seconds.`, {
            retryAfterS,
          }),
        );
      },
    });
  };
  return {
    limiters: { general: limiter('general'), auth: limiter('auth') } satisfies Record<
      Limited,
      RequestHandler
    >,
    close: () => {
      for (const store of stores) store.shutdown?.();
    },
  };
}

export type RateLimiters = ReturnType<typeof createRateLimiters>['limiters'];
