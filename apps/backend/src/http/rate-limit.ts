import type { LimitClass } from '@plinth/contracts';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { type AugmentedRequest, rateLimit } from 'express-rate-limit';
import type { Rate } from '../config/index.ts';
import { tooMany } from '../platform/errors.ts';
import type { Attempt, Bucket, Budget, Limits, Taken } from '../platform/limits/index.ts';
import { clientKey, networkBuckets } from '../platform/limits/networks.ts';
import type { Metrics } from '../platform/metrics.ts';
import { type Exchange, exchangeOf } from './cookies.ts';
import type { Origins } from './origins.ts';
import { addressOf, stateOf } from './request-state.ts';

type Limited = Exclude<LimitClass, 'none'>;

/** Whom a refresh token belongs to; tokens of former versions do not name the user. */
export interface Holder {
  readonly sessionId: string;
  readonly userId: string | undefined;
}

/** What the limits ask about whoever has no access token. */
export interface CallerPorts {
  /** The holder of the refresh token, genuine and in its lifetime, that comes with the request. */
  holderOf(exchange: Pick<Exchange, 'cookie'>, body: unknown): Promise<Holder | undefined>;
  /** The account a sign-in is aimed at, under a name that cannot be turned back, and the device if it has been let in before. */
  aimOf(exchange: Exchange, body: unknown): { readonly account?: string; readonly device?: string };
}

/**
 * Says in every answer what is left: the fields of the IETF draft (its eighth version) and the older X- ones. The
 * package can do so too, but puts a digest of the client's key into each answer, which costs more than counting.
 * @returns milliseconds until the budget is whole again
 */
function tellBudget(
  res: Response,
  name: Limited,
  rate: Rate,
  { hits, resetMs }: Omit<Taken, 'allowed'>,
): number {
  stateOf(res).counted = true;
  const remaining = Math.max(0, rate.limit - hits);
  const resetS = Math.ceil(resetMs / 1000);
  res.setHeader('RateLimit-Policy', `"${name}"; q=${rate.limit}; w=${Math.ceil(rate.windowMs / 1000)}`);
  res.setHeader('RateLimit', `"${name}"; r=${remaining}; t=${resetS}`);
  res.setHeader('X-RateLimit-Limit', String(rate.limit));
  res.setHeader('X-RateLimit-Remaining', String(remaining));
  res.setHeader('X-RateLimit-Reset', String(Math.ceil((Date.now() + resetMs) / 1000)));
  return resetMs;
}

/**
 * Every sign-in costs a hash, the right ones too. All attempts have a budget of this many times that of the wrong ones,
 * which is not given back and which no device passes by. By account 10: nobody signs in a hundred times in a quarter of
 * an hour. By network 100: in five minutes a thousand people behind one address can sign in (an office at nine), which
 * is a ninth of what one core hashes meanwhile.
 */
const ALL_ATTEMPTS = { account: 10, network: 100 } as const;

const times = (rate: Rate, factor: number): Rate => ({ ...rate, limit: rate.limit * factor });

/** One limiter for a class of routes that is counted by a single key. */
function budgetLimiter(
  name: Limited,
  { policy, store }: Budget,
  deps: { metrics: Metrics; keyOf: (req: Request, res: Response) => string | Promise<string> },
): RequestHandler[] {
  const { rate } = policy;
  const tell = (req: Request, res: Response): number => {
    const counted = (req as AugmentedRequest).rateLimit;
    const resetMs = counted?.resetTime
      ? Math.max(0, counted.resetTime.getTime() - Date.now())
      : rate.windowMs;
    return tellBudget(res, name, rate, { hits: counted?.used ?? 0, resetMs });
  };
  const count = rateLimit({
    windowMs: rate.windowMs,
    limit: rate.limit,
    identifier: name,
    standardHeaders: false,
    legacyHeaders: false,
    store,
    keyGenerator: deps.keyOf,
    handler: (req, res, next) => {
      deps.metrics.rateLimited.inc({ class: name });
      next(tooMany('Too many requests', tell(req, res)));
    },
  });
  return [
    count,
    (req, res, next) => {
      tell(req, res);
      next();
    },
  ];
}

/** Sign-ups and sign-ins: by network, and for sign-ins by account too. */
function authLimiters(limits: Limits, deps: { metrics: Metrics; callers: CallerPorts }) {
  const { auth, account } = limits.config;
  const network = (req: Request, kind: string) => networkBuckets(kind, addressOf(req), auth.rate);
  const take = async (res: Response, buckets: readonly [Bucket, ...Bucket[]]): Promise<Attempt> => {
    const attempt = await limits.attempts.take(buckets);
    tellBudget(res, 'auth', buckets[0].rate, attempt);
    if (attempt.allowed) return attempt;
    deps.metrics.rateLimited.inc({ class: 'auth' });
    throw tooMany('Too many attempts', attempt.waitMs);
  };

  const signUp: RequestHandler = async (req, res, next) => {
    await take(res, network(req, 'sign-up'));
    next();
  };

  /**
   * Only failures stay counted in the strict budgets. A device from which somebody has signed in to this account before
   * has a budget of its own, so that strangers who guess, and neighbours at the same address, cannot lock the owner out.
   */
  const login: RequestHandler = async (req, res, next) => {
    const { account: aim, device } = deps.callers.aimOf(exchangeOf(req, res), await stateOf(res).body);
    const ofAccount = (kind: string, rate: Rate): Bucket[] =>
      aim === undefined ? [] : [{ key: `${kind}:${aim}`, rate }];
    const wrong: [Bucket, ...Bucket[]] =
      device !== undefined
        ? [{ key: `device:${device}`, rate: account.rate }]
        : [...network(req, 'login'), ...ofAccount('account', account.rate)];
    const all = [
      ...networkBuckets('attempt', addressOf(req), times(auth.rate, ALL_ATTEMPTS.network)),
      ...ofAccount('attempt:account', times(account.rate, ALL_ATTEMPTS.account)),
    ];
    await take(res, [...wrong, ...all]);
    res.once('finish', () => {
      const { statusCode } = res;
      // Neither right nor refused for want of room: no guess was judged.
      if (statusCode < 400 || statusCode >= 500 || statusCode === 429) void limits.attempts.giveBack(wrong);
    });
    next();
  };
  const unreadableLogin: ErrorRequestHandler = async (error, req, res, next) => {
    await take(res, network(req, 'login'));
    next(error);
  };
  return { signUp, login, unreadableLogin };
}

/** The limiters of all classes. Signed-in users are counted by user, everybody else by address (IPv6 by /64). */
export function createRateLimiters(limits: Limits, deps: { metrics: Metrics; callers: CallerPorts }) {
  const { metrics, callers } = deps;
  const auth = authLimiters(limits, deps);
  return {
    general: budgetLimiter('general', limits.general, {
      metrics,
      keyOf: (req, res) => {
        const { user } = stateOf(res);
        return user ? `user:${user.userId}` : clientKey(addressOf(req));
      },
    }),
    auth: [auth.signUp],
    login: [auth.unreadableLogin, auth.login],
    // Nobody else at the same address can use up what a living session needs.
    session: budgetLimiter('session', limits.session, {
      metrics,
      keyOf: async (req, res) => {
        const holder = await callers.holderOf(exchangeOf(req, res), await stateOf(res).body);
        return holder ? `session:${holder.sessionId}` : clientKey(addressOf(req));
      },
    }),
    probe: budgetLimiter('probe', limits.probe, { metrics, keyOf: (req) => clientKey(addressOf(req)) }),
  } satisfies Record<Limited, (RequestHandler | ErrorRequestHandler)[]>;
}

export type RateLimiters = ReturnType<typeof createRateLimiters>;

/**
 * What is answered before any limiter of a route has seen it, counted as ordinary requests of its address are: every
 * refusal, wherever it came from, and OPTIONS, but for the preflights of our own pages, whose requests are counted.
 */
export function countRest({ general }: Limits, deps: { metrics: Metrics; origins: Origins }) {
  const take = async (req: Request, res: Response): Promise<void> => {
    const taken = await general.take(clientKey(addressOf(req)));
    const waitMs = tellBudget(res, 'general', general.policy.rate, taken);
    if (taken.allowed) return;
    deps.metrics.rateLimited.inc({ class: 'general' });
    throw tooMany('Too many requests', waitMs);
  };
  const refusals: ErrorRequestHandler = async (error, req, res, next) => {
    if (!stateOf(res).counted && !res.headersSent) await take(req, res);
    next(error);
  };
  const options: RequestHandler = async (req, res, next) => {
    const { 'access-control-request-method': wanted } = req.headers;
    if (wanted === undefined || !deps.origins.allows(req)) await take(req, res);
    next();
  };
  return { refusals, options };
}

/** Classes whose key stands in the body: they are counted when it has been read. */
export const COUNTED_BY_BODY: ReadonlySet<LimitClass> = new Set(['login', 'session']);
