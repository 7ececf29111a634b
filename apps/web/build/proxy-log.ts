import { createLogger, type Logger } from 'vite';

/** Nobody listens, or whoever did has just ended. */
const AWAY = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);
/** Each tab asks again and again meanwhile; one line for all of it is enough. */
const SAID_ONCE_IN_MS = 10_000;

/**
 * Says in one line that the API is away, which it is for a moment whenever its code was saved, instead of one stack for
 * each request that the page has open.
 */
export function proxyLog(logger: Logger = createLogger(), now: () => number = Date.now): Logger {
  let saidAt = Number.NEGATIVE_INFINITY;
  return {
    ...logger,
    error(message, options) {
      const code = (options?.error as NodeJS.ErrnoException | undefined)?.code ?? '';
      if (!message.includes('proxy') || !AWAY.has(code)) return logger.error(message, options);
      if (now() - saidAt < SAID_ONCE_IN_MS) return;
      saidAt = now();
      logger.info(
        'The API does not answer yet: it is starting, or starting again. Pages reconnect by themselves.',
      );
    },
  };
}
