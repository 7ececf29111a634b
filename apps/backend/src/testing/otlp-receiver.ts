import { createRecordingServer, type RecordedCall } from './recording-server.ts';

/** A span as it arrived, with its attributes as a plain object. */
export interface ReceivedSpan {
  readonly service: string;
  readonly scope: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer' | 'unspecified';
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly [kind: string]: unknown };
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly {
      readonly scope?: { readonly name: string };
      readonly spans: readonly {
        readonly name: string;
        readonly kind: number;
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly attributes?: readonly OtlpAttribute[];
      }[];
    }[];
  }[];
}

/** In the order of OTLP's enum. */
const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

function plain(attributes: readonly OtlpAttribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

function readSpans({ path, body }: RecordedCall): readonly ReceivedSpan[] {
  if (!path.endsWith('/v1/traces') && !path.endsWith('/v1/traces/')) return [];
  const { resourceSpans }: OtlpRequest = JSON.parse(body);
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(plain(resource?.attributes)['service.name']);
    return scopeSpans.flatMap(({ scope, spans }) =>
      spans.map(({ name, kind, traceId, spanId, parentSpanId, attributes }) => ({
        service,
        scope: scope?.name ?? '',
        name,
        kind: KINDS[kind] ?? 'unspecified',
        traceId,
        spanId,
        parentSpanId: parentSpanId || undefined,
        attributes: plain(attributes),
      })),
    );
  });
}

/** A collector for tests: takes OTLP over HTTP as JSON on a free loopback port; `records` are the spans. */
export const createOtlpReceiver = () => createRecordingServer(readSpans);

export type OtlpReceiver = Awaited<ReturnType<typeof createOtlpReceiver>>;
