import type { LimitClass } from '@plinth/contracts';
import type { Request, RequestHandler, Response } from 'express';
import { type AugmentedRequest, ipKeyGenerator, rateLimit, type Store } from 'express-rate-limit';
import { AppError } from '../platform/errors.ts';
import { createLimitStore, type LimitPolicy, type LimitStoreDeps } from './limit-store.ts';
import { addressOf, stateOf } from './request-state.ts';

type Limited = Exclude<LimitClass, 'none'>;

/**
 * Says in every answer what is left: the fields of the IETF draft (its eighth version) and the older X- ones. The
 * package can do so too, but puts a digest of the client's key into each answer, which costs more than counting.
 * @returns seconds until the budget is whole again
 */
function tellBudget(req: Request, res: Response, name: Limited, { rate }: LimitPolicy): number {
  const counted = (req as AugmentedRequest).rateLimit;
  const remaining = counted?.remaining ?? 0;
  const now = Date.now();
  const resetMs = counted?.resetTime?.getTime() ?? now + rate.windowMs;
  const resetS = Math.max(0, Math.ceil((resetMs - now) / 1000));
  res.setHeader('RateLimit-Policy', `"${name}"; q=${rate.limit}; w=${Math.ceil(rate.windowMs / 1000)}`);
  res.setHeader('RateLimit', `"${name}"; r=${remaining}; t=${resetS}`);
  res.setHeader('X-RateLimit-Limit', String(rate.limit));
  res.setHeader('X-RateLimit-Remaining', String(remaining));
  res.setHeader('X-RateLimit-Reset', String(Math.ceil(resetMs / 1000)));
  return resetS;
}

/** One limiter for each class. Signed-in users are counted by user, everybody else by address (IPv6 by /64). */
export function createRateLimiters(policies: Readonly<Record<Limited, LimitPolicy>>, deps: LimitStoreDeps) {
  const stores: Store[] = [];
  const limiter = (name: Limited): RequestHandler[] => {
    const policy = policies[name];
    const store = createLimitStore(name, policy, deps);
    stores.push(store);
    const count = rateLimit({
      windowMs: policy.rate.windowMs,
      limit: policy.rate.limit,
      identifier: name,
      standardHeaders: false,
      legacyHeaders: false,
      store,
      keyGenerator: (req, res) => {
        const { user } = stateOf(res);
        return user && name !== 'auth' ? `user:${user.userId}` : `ip:${ipKeyGenerator(addressOf(req), 64)}`;
      },
      handler: (req, res, next) => {
        deps.metrics.rateLimited.inc({ class: name });
        const retryAfterS = tellBudget(req, res, name, policy);
        next(
          new AppError('rate_limited', `Too many requests. Try again in ${retryAfterS} seconds.`, {
            retryAfterS,
          }),
        );
      },
    });
    const tell: RequestHandler = (req, res, next) => {
      tellBudget(req, res, name, policy);
      next();
    };
    return [count, tell];
  };
  return {
    limiters: { general: limiter('general'), auth: limiter('auth') } satisfies Record<
      Limited,
      RequestHandler[]
    >,
    close: () => {
      for (const store of stores) store.shutdown?.();
    },
  };
}

export type RateLimiters = ReturnType<typeof createRateLimiters>['limiters'];
