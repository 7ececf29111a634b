import type { Options, Store } from 'express-rate-limit';
import type { Redis } from 'ioredis';
import type { Rate } from '../../config/index.ts';
import { tooMany } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { type Attempts, type Bucket, createAttempts } from './attempts.ts';
import { createLimitStore, type LimitPolicy } from './limit-store.ts';

export type { Attempt, Attempts, Bucket } from './attempts.ts';
export type { LimitPolicy } from './limit-store.ts';

/** What is left of somebody's budget after one more hit. */
export interface Taken {
  readonly allowed: boolean;
  readonly hits: number;
  /** Milliseconds until the budget is whole again. */
  readonly resetMs: number;
}

/** One class of limits: so many hits for each key in a window, over all instances. */
export interface Budget {
  readonly policy: LimitPolicy;
  readonly store: Store;
  /** Counts one hit of this key. */
  take(key: string): Promise<Taken>;
}

export interface LimitsConfig {
  /** Ordinary routes, by user; by address when signed out. */
  readonly general: LimitPolicy;
  /** Refreshing and signing out, by the session of the refresh token. */
  readonly session: LimitPolicy;
  /** Probes and metrics, by address. */
  readonly probe: LimitPolicy;
  /** Sign-ups and wrong sign-ins of one address; wider networks have a multiple of it. */
  readonly auth: { readonly rate: Rate; readonly withoutRedis: 'local' | 'closed' };
  /** Wrong sign-ins at one account, wherever they come from. */
  readonly account: { readonly rate: Rate };
  /** Socket events, by user. */
  readonly events: LimitPolicy;
  /** Failed handshakes of one address; wider networks have a multiple of it. */
  readonly handshake: { readonly rate: Rate };
}

/** Every limit of the process. Routes, sockets and modules count in the same budgets. */
export function createLimits(
  config: LimitsConfig,
  deps: { readonly redis?: Redis | undefined; readonly logger: Logger; readonly metrics: Metrics },
) {
  const { redis, ...local } = deps;
  const stores: Store[] = [];

  const budget = (name: string, policy: LimitPolicy): Budget => {
    const store = createLimitStore(name, policy, policy.shared === false ? local : deps);
    store.init?.({ windowMs: policy.rate.windowMs } as Options);
    stores.push(store);
    return {
      policy,
      store,
      async take(key) {
        const { totalHits, resetTime } = await store.increment(key);
        const resetMs = resetTime ? Math.max(0, resetTime.getTime() - Date.now()) : policy.rate.windowMs;
        return { allowed: totalHits <= policy.rate.limit, hits: totalHits, resetMs };
      },
    };
  };

  const attempts: Attempts = createAttempts('auth', config.auth, deps);

  return {
    config,
    general: budget('general', config.general),
    session: budget('session', config.session),
    probe: budget('probe', config.probe),
    attempts,
    /**
     * Counts one action of somebody in these budgets, whatever becomes of it.
     * @param refusal what is too much, as the beginning of a sentence
     * @throws AppError rate_limited
     */
    async demand(name: string, refusal: string, buckets: readonly Bucket[]): Promise<void> {
      const { allowed, waitMs } = await attempts.take(buckets);
      if (allowed) return;
      deps.metrics.rateLimited.inc({ class: name });
      throw tooMany(refusal, waitMs);
    },
    events: budget('events', config.events),
    handshakes: createAttempts('handshake', { withoutRedis: 'local' }, deps) satisfies Attempts,
    close: () => {
      for (const store of stores) store.shutdown?.();
    },
  };
}

export type Limits = ReturnType<typeof createLimits>;
