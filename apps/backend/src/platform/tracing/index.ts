import { isSpanContextValid, trace } from '@opentelemetry/api';
import type { ErrorReport } from './error-reporter.ts';
import { spanDestination, TRACING_LIMITS, type TracingOptions } from './options.ts';
import { scrubText } from './scrub.ts';

export type { Breadcrumb, ErrorReport } from './error-reporter.ts';
export { TRACING_LIMITS, type TracingLimits, type TracingOptions } from './options.ts';
export { scrub, scrubText } from './scrub.ts';

interface Part {
  flush(): Promise<unknown>;
  close(): Promise<unknown>;
}

// One per process, started before the program: OpenTelemetry and the patched modules are global anyway.
let parts: readonly Part[] = [];
let capture: ((error: unknown, report: ErrorReport) => void) | undefined;
let closeMs = TRACING_LIMITS.closeMs;

/**
 * Starts tracing and error reporting, whichever is configured; what is not is not even loaded. Must run before the
 * modules of the program are imported (`node --import ./instrument.js`).
 */
export async function startTracing(options: TracingOptions): Promise<void> {
  if (parts.length > 0)
    throw new Error('Tracing has been started already: close it before starting it again.');
  const limits = { ...TRACING_LIMITS, ...options.limits };
  closeMs = limits.closeMs;
  const onProblem = onceAMinute(options.onProblem ?? writeProblem);
  const destination = spanDestination(options);
  if (destination) {
    const { startSpans } = await import('./spans.ts');
    parts = [startSpans(options, destination, limits, onProblem)];
  }
  if (options.sentryDsn) {
    const { createErrorReporter } = await import('./error-reporter.ts');
    const reporter = createErrorReporter(options.sentryDsn, options, limits, onProblem);
    capture = reporter.capture;
    parts = [...parts, reporter];
  }
}

/** Reports an unexpected error with the active trace's id. Returns at once, never throws; does nothing when off. */
export function captureError(error: unknown, report: ErrorReport = {}): void {
  capture?.(error, report);
}

/** The id of the trace that the running code belongs to (32 hex digits); undefined when it is not traced. */
export function currentTraceId(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  return span && isSpanContextValid(span) ? span.traceId : undefined;
}

/** Sends what is waiting. Takes `closeMs` at the longest and never fails. */
export function flushTracing(): Promise<void> {
  return bounded(parts.map((part) => part.flush()));
}

/** Sends what is waiting and ends exporting. Takes `closeMs` at the longest and never fails. */
export async function closeTracing(): Promise<void> {
  const ending = parts;
  parts = [];
  capture = undefined;
  await bounded(ending.map((part) => part.close()));
}

async function bounded(work: readonly Promise<unknown>[]): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, closeMs);
  await Promise.race([Promise.allSettled(work), late]);
  clearTimeout(timer);
}

const MINUTE_MS = 60_000;
const PROBLEM_LENGTH = 500;

/** A destination that is down fails every few seconds; saying so once in a while is enough. */
function onceAMinute(onProblem: (problem: string) => void): (problem: string) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (problem) => {
    if (Date.now() - last < MINUTE_MS) return;
    last = Date.now();
    onProblem(scrubText(problem).slice(0, PROBLEM_LENGTH));
  };
}

function writeProblem(problem: string): void {
  process.stderr.write(
    `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), msg: 'Tracing', problem })}\n`,
  );
}
