import { createRequire } from 'node:module';
import { type DestinationStream, destination, type Logger as PinoLogger, pino } from 'pino';
import { BOUNDS, shrink } from './bounds.ts';

export type Logger = PinoLogger;

/** Never written to a log, wherever they turn up and however they are spelt (ASVS 16.2.5). */
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
  'set-cookie',
  'x-api-key',
  'x-csrf-token',
];
const secretKey = new RegExp(`^(?:${SECRET_KEYS.join('|')})$`, 'i');
const secretInLine = new RegExp(`"(?:${SECRET_KEYS.join('|')})":`, 'i');

/**
 * Takes secrets out of a finished line, at any depth and from whatever they came: fields, bindings or an error.
 * pino's own `redact` follows every path through every value of every line, which took longer than the rest of a
 * small request together; this looks once, and only a line that names a secret is taken apart.
 */
function redact(line: string): string {
  if (!secretInLine.test(line)) return line;
  const clean = JSON.parse(line, (key, value: unknown) => (secretKey.test(key) ? '[redacted]' : value));
  return `${JSON.stringify(clean)}\n`;
}

/** A line as it may be written: without secrets, and not longer than a line should be, whatever a client has sent. */
function tidy(line: string): string {
  const clean = redact(line);
  return clean.length <= BOUNDS.logLine ? clean : `${shrink(clean, BOUNDS.logLine)}\n`;
}

export interface LoggerOptions {
  readonly level: string;
  readonly name: string;
  readonly version: string;
  /** Lines for people instead of JSON; development only, `pino-pretty` is not installed elsewhere. */
  readonly pretty?: boolean;
}

/**
 * An access-log line as people read it: what identifies it (request, trace, error code) stays, what the sentence says is
 * not said twice. All other lines keep all their fields.
 */
function shorten(line: string): string {
  const entry = JSON.parse(line);
  if (entry.method === undefined || entry.status === undefined) return line;
  const { method, path, status, ms, route: _, user: __, org: ___, ...rest } = entry;
  return `${JSON.stringify({ ...rest, msg: `${method} ${path} ${status} ${ms} ms` })}\n`;
}

/** Lines for people; the JSON of production has all fields. */
function prettyStream(): DestinationStream {
  const { build } = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty');
  const pretty = build({
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname,service,version',
  });
  return { write: (line) => void pretty.write(shorten(line)) };
}

/** How long the end of the process waits for its last lines to be written, in milliseconds. */
const FLUSH_MS = 1000;

/**
 * JSON lines on standard output. Lines are buffered and written asynchronously, so that a slow or full disk
 * never holds a request; what does not fit into the buffer is dropped.
 */
export function createLogger(options: LoggerOptions, stream?: DestinationStream) {
  // Opens standard output, which makes a pipe non-blocking: a write to one that nobody reads would never return, and
  // the process could not even exit.
  void process.stdout.writable;
  const out = destination({
    dest: 1,
    sync: false,
    minLength: 16_000,
    periodicFlush: 200,
    maxLength: 8 * 1024 * 1024,
  });
  // A full or closed pipe must not end the process: the service matters more than its log.
  out.on('error', () => {});
  // The package's own way at exit and after a fatal line tries for ever on a full disk or a pipe that nobody reads.
  // Every way out of the process closes the logger instead, which is bounded.
  out.flushSync = () => {};
  const logger = pino(
    {
      level: options.level,
      base: { service: options.name, version: options.version },
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: tidy },
      formatters: { level: (label) => ({ level: label }) },
    },
    stream ?? (options.pretty ? prettyStream() : out),
  );
  /** Writes what waits, for as long as the output takes it and {@link FLUSH_MS} at the longest. */
  const close = () =>
    new Promise<void>((resolve) => {
      if (stream) return resolve();
      const late = setTimeout(resolve, FLUSH_MS);
      out.flush(() => {
        clearTimeout(late);
        resolve();
      });
    });
  return { logger, close };
}
