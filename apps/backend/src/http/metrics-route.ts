import { timingSafeEqual } from 'node:crypto';
import { AppError, notFound } from '../platform/errors.ts';
import type { Limits } from '../platform/limits/index.ts';
import { clientKey } from '../platform/limits/networks.ts';
import type { Metrics } from '../platform/metrics.ts';
import { rawRoute } from './bind-routes.ts';
import { addressOf } from './request-state.ts';

export interface MetricsAccess {
  readonly token: string | undefined;
  /** Whether everybody may read them. */
  readonly open: boolean;
}

const sameText = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/**
 * `/metrics` for Prometheus: behind a bearer token, or closed, unless it is declared open. Wrong tokens are counted
 * like wrong passwords, and an address that has used up its budget is not even told whether the next one is right.
 */
export const metricsRoute = ({ registry }: Metrics, { token, open }: MetricsAccess, limits: Limits) =>
  rawRoute(
    'metrics',
    {
      method: 'get',
      path: '/metrics',
      root: true,
      summary: 'Metrics for Prometheus',
      access: 'public',
      limit: 'probe',
    },
    async (req, res) => {
      if (!open) {
        if (!token) throw notFound('address');
        const buckets = [{ key: `metrics:${clientKey(addressOf(req))}`, rate: limits.config.auth.rate }];
        await limits.demand('auth', 'Too many wrong tokens', buckets);
        if (!sameText(req.headers.authorization ?? '', `Bearer ${token}`))
          throw new AppError('unauthenticated', 'Send METRICS_TOKEN as a bearer token.');
        await limits.attempts.giveBack(buckets);
      }
      res.type(registry.contentType).send(await registry.metrics());
    },
  );
