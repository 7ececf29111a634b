import { timingSafeEqual } from 'node:crypto';
import { AppError, notFound } from '../platform/errors.ts';
import type { Metrics } from '../platform/metrics.ts';
import { rawRoute } from './bind-routes.ts';

export interface MetricsAccess {
  readonly token: string | undefined;
  /** Whether everybody may read them. */
  readonly open: boolean;
}

const sameText = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/** `/metrics` for Prometheus: behind a bearer token, or closed, unless it is declared open. */
export const metricsRoute = ({ registry }: Metrics, { token, open }: MetricsAccess) =>
  rawRoute(
    'metrics',
    {
      method: 'get',
      path: '/metrics',
      root: true,
      summary: 'Metrics for Prometheus',
      access: 'public',
      limit: 'none',
    },
    async (req, res) => {
      if (!open) {
        if (!token) throw notFound('address');
        const given = req.headers.authorization ?? '';
        if (!sameText(given, `Bearer ${token}`))
          throw new AppError('unauthenticated', 'Send METRICS_TOKEN as a bearer token.');
      }
      res.type(registry.contentType).send(await registry.metrics());
    },
  );
