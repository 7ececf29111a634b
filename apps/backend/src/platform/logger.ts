import { type DestinationStream, destination, type Logger as PinoLogger, pino } from 'pino';

export type Logger = PinoLogger;

/** Never written to a log, wherever they turn up (ASVS 16.2.5). */
const SECRET_KEYS = [
  'password',
  'passwordHash',
  'token',
  'accessToken',
  'refreshToken',
  'secret',
  'authorization',
  'cookie',
  'csrf',
  'apiKey',
  '["set-cookie"]',
  '["x-api-key"]',
  '["x-csrf-token"]',
];
const redactPaths = SECRET_KEYS.flatMap((key) => {
  const at = key.startsWith('[') ? key : `.${key}`;
  return [key, `*${at}`, `*.*${at}`];
});

export interface LoggerOptions {
  readonly level: string;
  readonly name: string;
  readonly version: string;
}

/**
 * JSON lines on standard output. Lines are buffered and written asynchronously, so that a slow or full disk
 * never holds a request; what does not fit into the buffer is dropped.
 */
export function createLogger(options: LoggerOptions, stream?: DestinationStream) {
  const out = destination({
    dest: 1,
    sync: false,
    minLength: 4096,
    periodicFlush: 200,
    maxLength: 8 * 1024 * 1024,
  });
  // A full or closed pipe must not end the process: the service matters more than its log.
  out.on('error', () => {});
  const logger = pino(
    {
      level: options.level,
      base: { service: options.name, version: options.version },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: redactPaths, censor: '[redacted]' },
      formatters: { level: (label) => ({ level: label }) },
    },
    stream ?? out,
  );
  const flush = () => new Promise<void>((resolve) => (stream ? resolve() : out.flush(() => resolve())));
  return { logger, close: flush };
}
