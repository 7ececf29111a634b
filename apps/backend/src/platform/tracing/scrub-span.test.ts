import { expect, test } from '@jest/globals';
import { type Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { scrubSpan } from './scrub-span.ts';

const span = (attributes: Attributes, message?: string): ReadableSpan => ({
  name: 'GET /orgs/:orgId',
  kind: SpanKind.SERVER,
  spanContext: () => ({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
  }),
  startTime: [1, 0],
  endTime: [2, 0],
  duration: [1, 0],
  ended: true,
  status: message === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message },
  attributes,
  links: [],
  events: [
    {
      name: 'exception',
      time: [1, 0],
      attributes: { 'exception.type': '22P02', 'exception.message': 'value "abc"' },
    },
  ],
  resource: resourceFromAttributes({}),
  instrumentationScope: { name: 'test' },
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
});

test('the span of a request leaves without secrets in its address and without the address of the person', () => {
  const { attributes, name } = scrubSpan(
    span({
      'url.path': '/orgs/7',
      'url.query': 'token=abc&limit=3&page=a-secret-under-a-harmless-name',
      'url.full': 'http://api/orgs?page=another',
      'client.address': '203.0.113.9',
      'network.peer.address': '10.0.0.1',
      'http.request.header.authorization': ['Bearer abcdefgh'],
      'http.response.status_code': 200,
    }),
  );
  expect(name).toBe('GET /orgs/:orgId');
  expect(attributes).toEqual({
    'url.path': '/orgs/7',
    'url.full': 'http://api/orgs',
    'http.request.header.authorization': '[redacted]',
    'http.response.status_code': 200,
  });
});

test('the span of a query leaves without values, in its statement and in its error', () => {
  const { attributes, status, events } = scrubSpan(
    span({ 'db.system.name': 'postgresql', 'db.query.text': "SELECT 'abc' WHERE id = $1" }, 'invalid: "abc"'),
  );
  expect(attributes['db.query.text']).toBe('SELECT ? WHERE id = $1');
  expect(status).toEqual({ code: SpanStatusCode.ERROR });
  expect(events[0]?.attributes).toEqual({ 'exception.type': '22P02' });
});

test('the message of any other failed span stays, without its secrets', () => {
  expect(scrubSpan(span({}, 'refused token=abc')).status.message).toBe('refused token=[redacted]');
});

test('what leaves the process is short, wherever a client or an error has put something long', () => {
  const long = 'x'.repeat(100_000);
  const { events, ...given } = span(
    { 'url.path': `/${long}`, 'user_agent.original': long, list: Array.from({ length: 500 }, () => long) },
    long,
  );
  const hostile = {
    ...given,
    name: long,
    events: events.map((event) => ({
      ...event,
      attributes: { 'exception.message': long, 'exception.stacktrace': long, 'exception.type': long },
    })),
  };
  const { name, status, attributes, events: sent } = scrubSpan(hostile);
  for (const part of [name, status.message, attributes['url.path'], attributes['user_agent.original']])
    expect(String(part).length).toBeLessThan(2100);
  expect(
    JSON.stringify([name, status, attributes, sent.map((event) => event.attributes)]).length,
  ).toBeLessThan(60_000);
});
