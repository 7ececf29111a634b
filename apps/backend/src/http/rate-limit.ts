import type { LimitClass } from '@plinth/contracts';
import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit, type Store } from 'express-rate-limit';
import { AppError } from '../platform/errors.ts';
import { createLimitStore, type LimitPolicy, type LimitStoreDeps } from './limit-store.ts';
import { addressOf, stateOf } from './request-state.ts';

type Limited = Exclude<LimitClass, 'none'>;

/** One limiter for each class. Signed-in users are counted by user, everybody else by address (IPv6 by /64). */
export function createRateLimiters(policies: Readonly<Record<Limited, LimitPolicy>>, deps: LimitStoreDeps) {
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
