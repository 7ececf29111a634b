/** What tracing and error reporting need to know. */
export interface TracingOptions {
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly environment: string;
  /** Base address of an OpenTelemetry collector that speaks OTLP over HTTP. */
  readonly otlpEndpoint?: string | undefined;
  /** Share of requests without a sampled parent that are traced, 0 to 1. */
  readonly sampleRatio: number;
  /** Where errors are reported and, when there is no collector, spans too. */
  readonly sentryDsn?: string | undefined;
  readonly limits?: Partial<TracingLimits>;
  /** Hears, at most once a minute, that spans are lost; standard error by default. */
  readonly onProblem?: (problem: string) => void;
}

/** Bounds of everything that waits or grows. */
export const TRACING_LIMITS = {
  /** Finished spans that wait for export; further ones are dropped and counted. */
  queuedSpans: 2048,
  /** Spans in one export. Small, because they are serialised in one go on the event loop. */
  batchedSpans: 256,
  /** Longest wait of a finished span for company, in milliseconds. */
  batchDelayMs: 2000,
  /** Time after which an export is given up, in milliseconds. */
  exportTimeoutMs: 5000,
  /** Exports under way at once. */
  concurrentExports: 2,
  attributesPerSpan: 64,
  eventsPerSpan: 16,
  /** Longer attribute values (a statement, say) are cut. */
  attributeLength: 2048,
  /** Error events that wait for Sentry; further ones are dropped. */
  queuedErrors: 32,
  breadcrumbsPerError: 30,
  /** Time that closing or flushing may take, in milliseconds. */
  closeMs: 2000,
};

export type TracingLimits = typeof TRACING_LIMITS;

/** Where spans are sent. */
export interface SpanDestination {
  readonly url: string;
  readonly headers: Record<string, string>;
}

/**
 * The one place that spans go to: the collector, or Sentry when there is none. Never both, as that would serialise
 * everything twice; a collector can pass spans on to Sentry.
 */
export function spanDestination(
  options: Pick<TracingOptions, 'otlpEndpoint' | 'sentryDsn' | 'sampleRatio'>,
): SpanDestination | undefined {
  if (options.otlpEndpoint) {
    return { url: `${options.otlpEndpoint.replace(/\/+$/, '')}/v1/traces`, headers: {} };
  }
  return options.sentryDsn && options.sampleRatio > 0 ? sentryTraces(options.sentryDsn) : undefined;
}

/**
 * Sentry's OTLP address of a project. The same as Sentry's `getOtlpTracesEndpoint()`, which would load the whole SDK;
 * a test compares the two.
 */
function sentryTraces(dsn: string): SpanDestination {
  const { protocol, host, pathname, username } = new URL(dsn);
  const cut = pathname.lastIndexOf('/');
  return {
    url: `${protocol}//${host}${pathname.slice(0, cut)}/api/${pathname.slice(cut + 1)}/integration/otlp/v1/traces/`,
    headers: { 'X-Sentry-Auth': `Sentry sentry_version=7, sentry_key=${username}` },
  };
}
