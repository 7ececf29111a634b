import { createDatabase, type Database } from '@plinth/database';
import type { Config } from '../config/index.ts';
import { type Bus, createBus } from './bus.ts';
import { createDatabaseCheck, type DatabaseCheck } from './database-check.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { createLimits, type Limits } from './limits/index.ts';
import { createLogger, type Logger } from './logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createRedis, type RedisClients } from './redis.ts';
import { closeTracing } from './tracing/index.ts';

/** The parts that every process and every module stands on. */
export interface Platform {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly databaseCheck: DatabaseCheck;
  readonly redis: RedisClients | undefined;
  readonly bus: Bus;
  readonly outbox: Outbox;
  readonly limits: Limits;
  readonly lifecycle: Lifecycle;
  /** The present moment. Tests set their own. */
  readonly now: () => Date;
}

/** Parts that a test brings itself. */
export interface PlatformOverrides {
  readonly now?: () => Date;
  readonly logStream?: { write(line: string): void };
}

/** Creates the platform; `lifecycle.close()` ends it, in reverse order of creation. */
export function createPlatform(
  config: Config,
  role: 'api' | 'worker',
  overrides: PlatformOverrides = {},
): Platform {
  const log = createLogger(
    {
      level: config.logs.level,
      name: `plinth-${role}`,
      version: config.version,
      pretty: config.nodeEnv === 'development',
    },
    overrides.logStream,
  );
  const { logger } = log;
  const lifecycle = createLifecycle({ logger });
  lifecycle.add('log', log);
  lifecycle.add('tracing', { close: closeTracing });
  const metrics = createMetrics();
  const database = lifecycle.add(
    'database',
    createDatabase(
      {
        url: config.database.url,
        applicationName: `plinth-${role}`,
        statementTimeoutMs: config.database.queryTimeoutMs,
      },
      {
        onConnectionError: (error: Error) =>
          logger.warn({ err: error }, 'A pooled database connection was lost'),
      },
    ),
  );
  metrics.poolGauge(() => database.stats());
  const redis = config.redis && lifecycle.add('redis', createRedis(config.redis, { logger, metrics }));
  const bus = createBus({ redis, logger });
  const outbox = createOutbox({ bus });
  const limits = lifecycle.add(
    'rate limits',
    createLimits(config.rateLimits, { redis: redis?.commands, logger, metrics }),
  );
  return {
    config,
    logger,
    metrics,
    database,
    databaseCheck: createDatabaseCheck({ config, database, logger }),
    redis,
    bus,
    outbox,
    limits,
    lifecycle,
    now: overrides.now ?? (() => new Date()),
  };
}
