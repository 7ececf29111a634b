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
  test('says once how long to wait when there were too many requests, whatever the service said of it', () => {
    const said = (detail: string, retryAfter?: number) =>
      explain(failure({ status: 429, detail, ...(retryAfter === undefined ? {} : { retryAfter }) })).detail;
    expect(explain(failure({ status: 429, detail: 'Slow down.', retryAfter: 12 }))).toEqual({
      title: undefined,
      detail: 'Slow down. Try again in 12 seconds.',
      requestId: 'request-1',
    });
    expect(said('Too many attempts. Try again in 894 seconds.', 894)).toBe(
      'Too many attempts. Try again in 15 minutes.',
    );
    expect(said('Too many attempts. Try again in 1 second.', 1)).toBe(
      'Too many attempts. Try again in 1 second.',
    );
    expect(said('Busy. Try again in a moment.', 61)).toBe('Busy. Try again in 2 minutes.');
    expect(said('Too many invitations. Try again in 80000 seconds.', 80_000)).toBe(
      'Too many invitations. Try again in 23 hours.',
    );
    expect(said('Too many attempts. Try again in 894 seconds.')).toBe(
      'Too many attempts. Try again in 894 seconds.',
    );
  });

  test('has the request id to report when the service is at fault', () => {
    expect(explain(failure({ status: 500 })).requestId).toBe('request-1');
  });

  test('has no number to report when the person can put it right', () => {
    expect(explain(failure({ status: 401, detail: 'Wrong.' }))).toEqual({
      title: undefined,
      detail: 'Wrong.',
      requestId: undefined,
    });
  });

  test('has no heading such as "Conflict" when the person can put it right', () => {
    for (const status of [400, 403, 404, 409, 410, 422, 429])
      expect(explain(failure({ status, title: 'Conflict' })).title).toBeUndefined();
    expect(explain(failure({ status: 503 })).title).toBe('The service has a problem');
  });

  test('says of a refused field what is wrong with it, not only that something is', () => {
    const detail = 'These fields are not as they should be: body.';
    const one = { in: 'body', field: 'body', message: 'Must have at most 40 characters' } as const;
    const two = { in: 'body', field: 'clientId', message: 'Must be a UUID' } as const;
    const said = (errors: Problem['errors']) => explain(failure({ status: 422, detail, errors })).detail;
    expect(said([one])).toBe('Must have at most 40 characters.');
    expect(said([one, two])).toBe('body: Must have at most 40 characters. clientId: Must be a UUID.');
    expect(said([{ in: 'params', field: 'orgId', message: 'Must be a UUID' }])).toBe(detail);
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
