import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { BOUNDS, cut } from '../bounds.ts';
import { isSecretKey, REDACTED, scrubSql, scrubText } from './scrub.ts';

/** Where a request came from is personal data, and `client.address` is whatever X-Forwarded-For claims. */
const DROPPED = new Set([
  'client.address',
  'client.port',
  'network.peer.address',
  'network.peer.port',
  // Whether a value is a secret, its name does not always tell.
  'url.query',
]);
/** Addresses that may end in a query. */
const ADDRESSES = new Set(['url.full', 'url.path', 'http.url', 'http.target']);
/** Made by the program or the instrumentation, never by a user: not worth looking through. */
const HARMLESS = new Set([
  'http.request.method',
  'http.route',
  'url.scheme',
  'server.address',
  'network.protocol.version',
  'app.request_id',
  'db.system.name',
  'db.namespace',
  'db.operation.name',
  'db.postgresql.plan',
  'messaging.system',
  'messaging.operation',
  'messaging.destination',
]);

const STATEMENTS_REMEMBERED = 500;
const statements = new Map<string, string>();

/** The same few statements come again and again. */
function scrubStatement(statement: string): string {
  const known = statements.get(statement);
  if (known !== undefined) return known;
  if (statements.size >= STATEMENTS_REMEMBERED) statements.clear();
  const scrubbed = cut(scrubSql(scrubText(statement)), BOUNDS.attribute);
  statements.set(statement, scrubbed);
  return scrubbed;
}

/** Events and messages of a span have no limit of their own in OpenTelemetry. */
const short = (text: string): string => cut(scrubText(text), BOUNDS.attribute);

function scrubValue(key: string, value: AttributeValue | undefined): AttributeValue | undefined {
  if (typeof value === 'number' || HARMLESS.has(key)) return value;
  if (isSecretKey(key)) return REDACTED;
  if (Array.isArray(value))
    return value
      .slice(0, BOUNDS.fields)
      .map((item) => (typeof item === 'string' ? short(item) : item)) as AttributeValue;
  if (typeof value !== 'string') return value;
  if (ADDRESSES.has(key)) return short(value.split('?', 1)[0] ?? '');
  return key === 'db.query.text' ? scrubStatement(value) : short(value);
}

function scrubAttributes(attributes: Attributes): Attributes {
  const scrubbed: Attributes = {};
  for (const key in attributes) {
    if (!DROPPED.has(key)) scrubbed[key] = scrubValue(key, attributes[key]);
  }
  return scrubbed;
}

/** The span as it may leave the process: no secrets in addresses and messages, no values in statements. */
export function scrubSpan(span: ReadableSpan): ReadableSpan {
  const attributes = scrubAttributes(span.attributes);
  // Databases quote the offending value in their messages; type and code of an error say what is needed.
  const database = attributes['db.system.name'] !== undefined;
  const { code, message } = span.status;
  return {
    name: cut(span.name, BOUNDS.fieldName),
    kind: span.kind,
    spanContext: () => span.spanContext(),
    ...(span.parentSpanContext && { parentSpanContext: span.parentSpanContext }),
    startTime: span.startTime,
    endTime: span.endTime,
    status: message === undefined || database ? { code } : { code, message: short(message) },
    attributes,
    links: span.links,
    events: span.events.map((event) => {
      if (event.attributes === undefined) return event;
      const { 'exception.message': text, 'exception.stacktrace': stack, ...rest } = event.attributes;
      return { ...event, attributes: scrubAttributes(database ? rest : event.attributes) };
    }),
    duration: span.duration,
    ended: span.ended,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}
