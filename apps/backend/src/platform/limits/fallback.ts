import type { Redis } from 'ioredis';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';

/** After Redis has failed to count, requests are counted here for so long, in milliseconds. */
const REST_MS = 1000;

/** What a class that must not run uncounted answers while Redis is away. */
export const uncounted = (): AppError =>
  new AppError('unavailable', 'This cannot be checked right now. Try again in a moment.', { retryAfterS: 5 });

/** Until when each client is left alone, whoever met the failure. */
const resting = new WeakMap<Redis, number>();

/**
 * Counting in Redis, and in this process while Redis is away: a counter never makes a request fail. After a failure
 * Redis is left alone for a moment, so that a slow one does not make every request wait for it.
 */
export function createFallback(
  name: string,
  deps: { readonly redis: Redis; readonly logger: Logger; readonly metrics: Metrics },
) {
  const { redis, logger, metrics } = deps;
  return async <T>(
    /** Undefined when Redis cannot be asked yet. */
    ask: () => Promise<{ readonly counted: T } | undefined>,
    instead: () => Promise<T> | T,
  ): Promise<T> => {
    if (redis.status === 'ready' && performance.now() >= (resting.get(redis) ?? 0)) {
      try {
        const answer = await ask();
        if (answer) return answer.counted;
      } catch (error) {
        resting.set(redis, performance.now() + REST_MS);
        logger.warn({ err: error, class: name }, 'Redis did not count a request; counting here for a moment');
      }
    }
    metrics.rateLimitFallbacks.inc({ class: name });
    return instead();
  };
}
