import { healthContract } from '@plinth/contracts';
import { bindRoutes } from '../../http/bind-routes.ts';
import type { Module } from '../../module.ts';
import { AppError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/index.ts';
import { createReadiness, type Readiness } from './readiness.ts';

export type { Readiness } from './readiness.ts';

/** Probes, and what the running service calls itself. */
export function healthModule({ config, databaseCheck, redis }: Platform): Module & { readiness: Readiness } {
  const readiness = createReadiness({
    database: { required: true, check: () => databaseCheck.check() },
    // Without Redis the service goes on: limits are counted locally, messages arrive late.
    redis: { required: false, check: redis && (async () => void (await redis.commands.ping())) },
  });
  return {
    name: 'health',
    readiness,
    routes: bindRoutes(healthContract, {
      health: () => ({ status: 'healthy' as const }),
      live: () => ({ status: 'alive' as const }),
      ready: async () => {
        const { ready, status, checks } = await readiness.look();
        if (!ready)
          throw new AppError(
            'not_ready',
            readiness.draining()
              ? 'Shutting down.'
              : (databaseCheck.remedy() ?? 'A required dependency does not answer.'),
            { retryAfterS: 2 },
          );
        return { status, checks };
      },
      about: () => ({ name: 'plinth', version: config.version }),
    }),
  };
}
