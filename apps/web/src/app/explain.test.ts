import { describe, expect, test } from '@jest/globals';
import { ApiError } from '@plinth/client/core';
import type { Problem } from '@plinth/contracts';
import { explain, fieldError, titleAdds } from './explain.ts';

const failure = (problem: Partial<Problem>) =>
  new ApiError({
    type: 'about:blank',
    title: 'Refused',
    status: 400,
    detail: 'Something is not as it should be.',
    code: 'invalid_input',
    requestId: 'request-1',
    ...problem,
  });

describe('a failure in words', () => {
  test('says how long to wait when there were too many requests', () => {
    const detail = 'Slow down.';
    expect(explain(failure({ status: 429, detail, retryAfter: 12 }))).toEqual({
      title: 'Too many requests',
      detail: 'Slow down. Try again in 12 seconds.',
      requestId: 'request-1',
    });
    expect(explain(failure({ status: 429, detail, retryAfter: 1 })).detail).toMatch(/in 1 second\.$/);
    expect(explain(failure({ status: 429, detail, retryAfter: 61 })).detail).toMatch(/in 2 minutes\.$/);
  });

  test('has the request id to report when the service is at fault', () => {
    expect(explain(failure({ status: 500 })).requestId).toBe('request-1');
  });

  test('has no number to report when the person can put it right', () => {
    expect(explain(failure({ status: 401, detail: 'Wrong.' }))).toEqual({
      title: 'Refused',
      detail: 'Wrong.',
      requestId: undefined,
    });
  });

  test('tells nothing of the inside when the page itself broke', () => {
    const { title, detail } = explain(new TypeError('secret is not a function'));
    expect(`${title} ${detail}`).not.toContain('secret');
  });
});

test('the same is not said twice', () => {
  expect(titleAdds({ title: 'Wrong email or password', detail: 'Email or password is wrong.' })).toBe(false);
  expect(titleAdds({ title: 'Too many requests', detail: 'Slow down.' })).toBe(true);
});

test('an answer of something in between is told in words for people', () => {
  const { title, detail } = explain(failure({ status: 502, code: 'unexpected_reply', title: 'Bad Gateway' }));
  expect(`${title} ${detail}`).toMatch(/^The service cannot be reached .* Try again in a moment\.$/);
});

describe('the message for a field', () => {
  const errors: Problem['errors'] = [
    { in: 'query', field: 'name', message: 'not this one' },
    { in: 'body', field: 'name', message: 'too short' },
  ];

  test('is the one for that field of the form', () => {
    expect(fieldError(failure({ errors }), 'name')).toBe('too short');
    expect(fieldError(failure({ errors }), 'email')).toBeUndefined();
    expect(fieldError(new Error('other'), 'name')).toBeUndefined();
  });
});
