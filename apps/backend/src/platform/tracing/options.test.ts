import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { spanDestination } from './options.ts';

// The CommonJS build, which loads in half the time.
const { getOtlpTracesEndpoint }: typeof import('@sentry/node') = createRequire(import.meta.url)(
  '@sentry/node',
);

const DSN = 'https://public@o1.ingest.example.com/42';

test('spans go to the collector when there is one, and nowhere else', () => {
  const collector = { url: 'http://collector:4318/v1/traces', headers: {} };
  expect(spanDestination({ otlpEndpoint: 'http://collector:4318', sampleRatio: 0.1 })).toEqual(collector);
  expect(spanDestination({ otlpEndpoint: 'http://collector:4318/', sentryDsn: DSN, sampleRatio: 0 })).toEqual(
    collector,
  );
});

test.each([DSN, 'http://key@localhost:9000/7', 'https://key@example.com/base/path/7'])(
  'without a collector they go to the address that Sentry names for %s',
  (sentryDsn) => {
    expect(spanDestination({ sentryDsn, sampleRatio: 0.1 })).toEqual(getOtlpTracesEndpoint(sentryDsn));
  },
);

test('without a destination, or with Sentry alone and nothing to sample, no spans are made', () => {
  expect(spanDestination({ sampleRatio: 1 })).toBeUndefined();
  expect(spanDestination({ sentryDsn: DSN, sampleRatio: 0 })).toBeUndefined();
});
