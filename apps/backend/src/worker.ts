import { createProbes, startBackground } from './app.ts';
import { compose } from './compose.ts';
import { serve } from './http/serve.ts';
import { runProcess } from './process.ts';
import { createRedisBroadcaster } from './realtime/broadcaster.ts';

await runProcess('worker', (platform) => {
  const { config, logger, redis } = platform;
  const composition = compose(platform);
  const parts = createProbes(platform, composition);
  if (redis && config.outbox.relay === 'worker') {
    startBackground(platform, composition, createRedisBroadcaster(redis));
    logger.info('Publishing events from the outbox and running jobs');
  } else {
    logger.info('Nothing to do here: the API publishes its events itself (OUTBOX_RELAY)');
  }
  return serve(platform, { ...parts, readiness: composition.readiness, port: config.worker.port });
});
