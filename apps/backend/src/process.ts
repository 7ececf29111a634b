import type { Platform } from './platform/index.ts';
import { captureError } from './platform/tracing/index.ts';

/**
 * Ends the process well: on SIGTERM or SIGINT it stops taking work, finishes what is under way, closes everything in
 * reverse order of creation and exits with 0. A second signal ends it at once.
 */
export function runProcess({ logger, lifecycle }: Platform, work: { stop: () => Promise<void> }): void {
  let stopping = false;
  const shutDown = async (reason: string, exitCode: number) => {
    if (stopping) return process.exit(130);
    stopping = true;
    logger.info({ reason }, 'Shutting down');
    try {
      await work.stop();
    } catch (error) {
      logger.error({ err: error }, 'Stopping failed');
    }
    await lifecycle.close();
    process.exit(exitCode);
  };
  process.on('SIGTERM', () => void shutDown('SIGTERM', 0));
  process.on('SIGINT', () => void shutDown('SIGINT', 0));
  process.on('unhandledRejection', (error) => {
    // Known case: the Redis adapter publishes without waiting, and Redis is away. What was to be said is in the outbox.
    logger.error({ err: error }, 'A promise failed and nobody was waiting for it');
    captureError(error, {});
  });
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'Unexpected error; the process cannot be trusted any more');
    captureError(error, {});
    void shutDown('uncaughtException', 1);
  });
}
