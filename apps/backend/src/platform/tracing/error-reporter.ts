import { createRequire } from 'node:module';
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { ErrorEvent, NodeClient, Scope } from '@sentry/node';
import type { TracingLimits, TracingOptions } from './options.ts';
import { scrub } from './scrub.ts';

/** What is known about an error besides itself. */
export interface ErrorReport {
  readonly requestId?: string | undefined;
  /** Template of the route, or name of the event or job. */
  readonly route?: string | undefined;
  /** The id only: names and addresses are looked up where they belong. */
  readonly userId?: string | undefined;
  readonly level?: 'fatal' | 'error' | 'warning';
  /** Short values to search by, for example the organisation's id. */
  readonly tags?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Further facts, shown with the error. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** What happened before, oldest first; the newest are kept. */
  readonly breadcrumbs?: readonly Breadcrumb[];
}

export interface Breadcrumb {
  readonly message: string;
  readonly category?: string;
  /** Seconds since 1970. */
  readonly timestamp?: number;
  readonly data?: Readonly<Record<string, unknown>>;
}

type Sentry = typeof import('@sentry/node');

/** Takes the secrets out of everything in an event that stems from the program or its users. */
function scrubEvent(event: ErrorEvent): ErrorEvent {
  const { message, logentry, exception, breadcrumbs, extra, contexts, tags, user, request, transaction } =
    event;
  return Object.assign(
    event,
    scrub({ message, logentry, exception, breadcrumbs, extra, contexts, tags, user, request, transaction }),
  );
}

/**
 * The client is built by hand: `init()` takes settings from the environment that nobody validated (a
 * SENTRY_TRACES_SAMPLE_RATE there would switch on Sentry's own tracing) and its default integrations wrap `http`,
 * `fetch` and `console`. Spans are OpenTelemetry's; an error only names the span that was active.
 */
function createClient(
  sentry: Sentry,
  dsn: string,
  options: TracingOptions,
  limits: TracingLimits,
): NodeClient {
  const client = new sentry.NodeClient({
    dsn,
    release: `${options.serviceName}@${options.serviceVersion}`,
    environment: options.environment,
    transport: sentry.makeNodeTransport,
    transportOptions: { bufferSize: limits.queuedErrors },
    stackParser: sentry.defaultStackParser,
    integrations: [
      sentry.openTelemetryIntegration(),
      sentry.linkedErrorsIntegration(),
      sentry.contextLinesIntegration(),
      sentry.nodeContextIntegration({ device: false, culture: false, cloudResource: false }),
    ],
    dataCollection: {
      userInfo: false,
      cookies: false,
      httpHeaders: false,
      httpBodies: [],
      urlQueryParams: false,
      databaseQueryData: false,
      queues: false,
      stackFrameVariables: false,
      graphQL: { document: false, variables: false },
      genAI: { inputs: false, outputs: false },
      mcp: { inputs: false, outputs: false },
    },
    maxBreadcrumbs: limits.breadcrumbsPerError,
    maxValueLength: limits.attributeLength,
    includeServerName: false,
    enableRuntimeChannelInjection: false,
    sendClientReports: false,
    traceLifecycle: 'static',
    beforeSend: scrubEvent,
  });
  client.init();
  return client;
}

function describe(scope: Scope, report: ErrorReport, limits: TracingLimits): Scope {
  const tags = { ...report.tags, request_id: report.requestId, route: report.route };
  for (const [name, value] of Object.entries(tags)) {
    if (value !== undefined) scope.setTag(name, value);
  }
  if (report.userId !== undefined) scope.setUser({ id: report.userId });
  if (report.level) scope.setLevel(report.level);
  if (report.details) scope.setContext('details', { ...report.details });
  for (const { data, ...crumb } of report.breadcrumbs?.slice(-limits.breadcrumbsPerError) ?? []) {
    scope.addBreadcrumb(data ? { ...crumb, data: { ...data } } : crumb, limits.breadcrumbsPerError);
  }
  return scope;
}

/**
 * Reports errors to Sentry. The SDK (some 25 MB and 0.2–0.3 s) is loaded by the first error: a process that has
 * nothing to report does not pay for it.
 */
export function createErrorReporter(
  dsn: string,
  options: TracingOptions,
  limits: TracingLimits,
  onProblem: (problem: string) => void,
) {
  let loaded: { readonly sentry: Sentry; readonly client: NodeClient } | undefined;

  const load = () => {
    const sentry: Sentry = createRequire(import.meta.url)('@sentry/node');
    return { sentry, client: createClient(sentry, dsn, options, limits) };
  };

  return {
    /** Hands the error over; sending goes on in the background. Never throws. */
    capture(error: unknown, report: ErrorReport): void {
      try {
        loaded ??= load();
        const { sentry, client } = loaded;
        // A scope of its own, because the shared one would give unrelated errors one trace id.
        const scope = describe(new sentry.Scope(), report, limits);
        // Suppressed, or the envelope's way to Sentry would become a span of the failed request.
        context.with(suppressTracing(context.active()), () => {
          client.captureException(error, {}, scope);
        });
      } catch (failure) {
        onProblem(`An error could not be reported: ${String(failure)}`);
      }
    },
    flush: async () => loaded?.client.flush(limits.closeMs),
    close: async () => loaded?.client.close(limits.closeMs),
  };
}
