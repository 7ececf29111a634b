import { expect, test } from '@jest/globals';
import { contracts, PageQuery } from '@plinth/contracts';
import type { z } from 'zod';
import { toFieldErrors } from './field-errors.ts';

const { signUp } = contracts.auth;
const GOOD = { email: 'ada@example.com', password: 'long enough', name: 'Ada', organizationName: 'Engines' };

const messages = (schema: z.ZodType, value: unknown) => {
  const { error } = schema.safeParse(value);
  return error ? toFieldErrors('body', error).map(({ field, message }) => `${field}: ${message}`) : [];
};

test.each([
  [{ password: 'seven77' }, 'password: Must have at least 8 characters'],
  [{ password: 'x'.repeat(129) }, 'password: Must have at most 128 characters'],
  [{ email: 'ada' }, 'email: Must be an email address, such as ada@example.com'],
  [{ name: ' ' }, 'name: Must not be empty'],
  [{ name: undefined }, 'name: Required'],
  [{ name: 7 }, 'name: Must be a string'],
  [{ refreshTokenIn: 'url' }, 'refreshTokenIn: Must be one of: body, cookie'],
  [{ role: 'ADMIN' }, 'role: Unknown field: remove it'],
])('%j is refused in words that say what to do', (change, message) => {
  expect(messages(signUp.body, { ...GOOD, ...change })).toEqual([message]);
});

test('every refused field is named at once', () => {
  expect(messages(signUp.body, { email: 'ada' })).toHaveLength(4);
  expect(messages(PageQuery, { limit: 101, cursor: '?' })).toEqual([
    'cursor: Must be the nextCursor of the page before, unchanged',
    'limit: Must be at most 100',
  ]);
});
