import { expect, test } from '@jest/globals';
import { refusalOf } from './refusal.ts';

const problem = { status: 429, code: 'rate_limited', detail: 'Too many.', retryAfter: 30 };
const refusal = { detail: 'Too many.', retryAfterS: 30 };

test('a refusal is understood wherever it comes from', () => {
  expect(refusalOf(Object.assign(new Error('refused'), { data: problem }))).toEqual(refusal);
  const polling = Object.assign(new Error('xhr poll error'), {
    description: 429,
    context: { responseText: JSON.stringify(problem) },
  });
  expect(refusalOf(polling)).toEqual(refusal);
});

test.each([
  undefined,
  new Error('websocket error'),
  Object.assign(new Error('refused'), {
    data: { ...problem, code: 'unauthenticated', retryAfter: undefined },
  }),
  Object.assign(new Error('xhr poll error'), { context: { responseText: '<html>' } }),
  Object.assign(new Error('xhr poll error'), { context: {} }),
])('anything else is none', (error) => {
  expect(refusalOf(error)).toBeUndefined();
});
