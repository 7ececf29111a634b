import { compose } from './compose.ts';
import { ConfigurationError, loadConfig } from './config/index.ts';
import { createPlatform } from './platform/index.ts';
import { createOutboxRelay } from './platform/outbox.ts';
import { runProcess } from './process.ts';
import { createRedisBroadcaster } from './realtime/broadcaster.ts';

try {
  const config = loadConfig();
  const platform = createPlatform(config, 'worker');
  const { lifecycle, logger, redis, database, bus, metrics } = platform;
  const { modules } = compose(platform);
  for (const module of modules) if (module.close) lifecycle.add(module.name, { close: module.close });

  if (redis && config.outbox.relay === 'worker') {
    const broadcaster = createRedisBroadcaster(redis);
    const handlers = Object.assign({}, ...modules.map((module) => module.outbox?.(broadcaster)));
    lifecycle.add(
      'outbox relay',
      createOutboxRelay(config.outbox, { database, bus, logger, metrics, handlers }),
    );
    logger.info('Publishing events from the outbox');
  } else {
    logger.info('Nothing to do: without Redis the API publishes its events itself');
  }
  // Keeps the process alive while it has nothing to do.
  const heartbeat = setInterval(() => {}, 60_000);
  runProcess(platform, { stop: async () => clearInterval(heartbeat) });
} catch (error) {
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exitCode = 1;
}
