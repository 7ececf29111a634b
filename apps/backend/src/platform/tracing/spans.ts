import { IncomingMessage, ServerResponse } from 'node:http';
import {
  context,
  DiagLogLevel,
  diag,
  isSpanContextValid,
  propagation,
  SpanKind,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type Sampler,
  SamplingDecision,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { instrument } from './instrumentations.ts';
import type { SpanDestination, TracingLimits, TracingOptions } from './options.ts';
import { isRequestTraced } from './sampling.ts';
import { scrubSpan } from './scrub-span.ts';

/**
 * Children follow their parent. Of spans without a parent, those of a request have been drawn before they are made;
 * received events and jobs are drawn here; a lone query or emit is part of nothing that anybody looks for.
 */
function createSampler(ratio: number): Sampler {
  const starts = (kind: SpanKind) =>
    kind === SpanKind.SERVER ||
    ((kind === SpanKind.CONSUMER || kind === SpanKind.INTERNAL) && Math.random() < ratio);
  return {
    shouldSample(parentContext, _traceId, _name, kind) {
      const parent = trace.getSpanContext(parentContext);
      const sampled =
        parent && isSpanContextValid(parent) ? (parent.traceFlags & TraceFlags.SAMPLED) !== 0 : starts(kind);
      return { decision: sampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
    },
    toString: () => `Plinth{${ratio}}`,
  };
}

/**
 * Node carries the context along by itself. Binding requests and responses to it as well, as the HTTP instrumentation
 * asks for, replaces nine methods on each and wraps every listener.
 */
function createContextManager() {
  const manager = new AsyncLocalStorageContextManager();
  const bind = manager.bind.bind(manager);
  manager.bind = (bound, target) =>
    target instanceof IncomingMessage || target instanceof ServerResponse ? target : bind(bound, target);
  return manager.enable();
}

/** Secrets are taken out here, in the batch and not in the request. */
function scrubbing(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => exporter.export(spans.map(scrubSpan), done),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

/**
 * Starts OpenTelemetry: instruments the process and exports sampled spans in the background. Losing the destination
 * costs spans, never a request.
 */
export function startSpans(
  options: TracingOptions,
  destination: SpanDestination,
  limits: TracingLimits,
  onProblem: (problem: string) => void,
) {
  diag.setLogger(
    { error: onProblem, warn: onProblem, info() {}, debug() {}, verbose() {} },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  setGlobalErrorHandler((error) =>
    onProblem(`Spans are lost: ${error instanceof Error ? error.message : 'unknown'}`),
  );
  const exporter = new OTLPTraceExporter({
    ...destination,
    timeoutMillis: limits.exportTimeoutMs,
    concurrencyLimit: limits.concurrentExports,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': options.serviceName,
      'service.version': options.serviceVersion,
      'service.instance.id': crypto.randomUUID(),
      'deployment.environment.name': options.environment,
    }),
    sampler: createSampler(options.sampleRatio),
    spanLimits: {
      attributeCountLimit: limits.attributesPerSpan,
      attributeValueLengthLimit: limits.attributeLength,
      eventCountLimit: limits.eventsPerSpan,
    },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: scrubbing(exporter),
        maxQueueSize: limits.queuedSpans,
        maxExportBatchSize: limits.batchedSpans,
        scheduledDelayMillis: limits.batchDelayMs,
        exportTimeoutMillis: limits.exportTimeoutMs,
      }),
    ],
  });
  context.setGlobalContextManager(createContextManager());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  instrument((request) => isRequestTraced(request, options.sampleRatio));
  return {
    flush: () => provider.forceFlush({ timeoutMillis: limits.closeMs }),
    close: () => provider.shutdown(),
  };
}
