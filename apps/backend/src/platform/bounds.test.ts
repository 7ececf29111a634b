import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { BOUNDS, cut } from './bounds.ts';
import { AppError } from './errors.ts';
import { toFieldErrors } from './field-errors.ts';
import { toProblem } from './problem.ts';

test('a text is cut where it gets long, and that can be seen', () => {
  expect(cut('short', 10)).toBe('short');
  expect(cut('x'.repeat(50), 10)).toBe(`${'x'.repeat(10)}…`);
  expect(cut(`${'x'.repeat(9)}😀`, 10).isWellFormed()).toBe(true);
});

describe('a refusal stays small, whatever is refused', () => {
  const hostile = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`${n}${'k'.repeat(5000)}`, n]));

  test('with many and long unknown fields', () => {
    const { error } = z.strictObject({}).safeParse(hostile);
    const errors = error ? toFieldErrors('body', error) : [];
    expect(errors).toHaveLength(BOUNDS.fields);
    const problem = toProblem(new AppError('invalid_input', 'x'.repeat(100_000), { errors }), {
      instance: `/${'p'.repeat(15_000)}`,
    });
    expect(JSON.stringify(problem).length).toBeLessThan(6000);
  });

  test('with many wrong items', () => {
    const { error } = z.array(z.string()).safeParse(Array.from({ length: 5000 }, (_, n) => n));
    expect(error ? toFieldErrors('body', error) : []).toHaveLength(BOUNDS.fields);
  });
});
