import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { BOUNDS, cut, shrink } from './bounds.ts';
import { AppError } from './errors.ts';
import { toFieldErrors } from './field-errors.ts';
import { createLogger } from './logger.ts';
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

const LONG = 'x'.repeat(100_000);
const deep = (levels: number): unknown => (levels === 0 ? LONG : { inner: deep(levels - 1), beside: LONG });

describe('JSON that is too long', () => {
  test.each<[string, object]>([
    ['a text', { text: LONG }],
    ['a name', { [LONG]: 1 }],
    ['many names', Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`name ${n}`, n]))],
    ['many items', { list: Array.from({ length: 20_000 }, (_, n) => n) }],
    ['many long items', { list: Array.from({ length: 200 }, () => LONG) }],
    ['depth', { deep: deep(200) }],
    ['all of it', { a: deep(30), b: Array.from({ length: 100 }, () => deep(3)), [LONG]: deep(3) }],
  ])('by %s keeps its beginning and says that it was cut', (_what, value) => {
    const json = JSON.stringify({ first: 'kept', ...value });
    const small = shrink(json, BOUNDS.logLine);
    expect(small.length).toBeLessThanOrEqual(BOUNDS.logLine);
    expect(JSON.parse(small)).toMatchObject({ first: 'kept', cutFrom: json.length });
    expect(small).toContain('…');
  });

  test('stays as it is when it is short enough', () => {
    expect(shrink('{"a":1}', 100)).toBe('{"a":1}');
  });

  test('is never longer than asked, however little that is', () => {
    expect(shrink(JSON.stringify({ text: LONG }), 40)).toBe('{"cutFrom":100011}');
  });
});

describe('a line of the log stays short, says what it is, and that it was cut', () => {
  const causes = (levels: number): Error =>
    new Error(LONG, levels === 0 ? {} : { cause: causes(levels - 1) });

  test.each<[string, unknown]>([
    ['a message', new Error(LONG)],
    [
      'a query and its parameters',
      Object.assign(new Error('failed'), { query: LONG, parameters: [LONG, LONG] }),
    ],
    ['causes of causes', causes(30)],
    [
      'many errors in one',
      new AggregateError(
        Array.from({ length: 1000 }, () => new Error(LONG)),
        LONG,
      ),
    ],
    ['a refusal by the schema', z.array(z.string()).safeParse(Array.from({ length: 5000 }, () => 1)).error],
  ])('of an error with %s', (_what, err) => {
    const lines: string[] = [];
    const { logger } = createLogger(
      { level: 'info', name: 'test', version: '1' },
      { write: (line) => void lines.push(line) },
    );
    logger.child({ requestId: 'the-request' }).error({ err, hostile: LONG }, 'It failed');
    expect(lines).toHaveLength(1);
    const [line = ''] = lines;
    expect(line.length).toBeLessThanOrEqual(BOUNDS.logLine + 1);
    expect(line.endsWith('\n')).toBe(true);
    expect(JSON.parse(line)).toMatchObject({
      level: 'error',
      service: 'test',
      requestId: 'the-request',
      msg: 'It failed',
      err: { type: expect.any(String) },
      cutFrom: expect.any(Number),
    });
  });

  test('and a secret in what was cut is not there either', () => {
    const lines: string[] = [];
    const { logger } = createLogger(
      { level: 'info', name: 'test', version: '1' },
      { write: (line) => void lines.push(line) },
    );
    logger.info({ password: `canary${LONG}`, text: LONG }, 'hello');
    expect(lines.join('')).not.toContain('canary');
  });
});
