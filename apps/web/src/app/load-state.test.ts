import { describe, expect, test } from '@jest/globals';
import { viewOf } from './load-state.ts';

const isEmpty = (list: readonly string[]) => list.length === 0;

describe('what is loaded', () => {
  test.each([
    ['loading', undefined, null],
    ['failed', undefined, new Error('down')],
    ['empty', [], null],
    ['shown', ['a'], null],
    // An empty list of an hour ago says nothing about now.
    ['failed', [], new Error('down')],
    ['stale', ['a'], new Error('down')],
  ])('is %p', (view, data: readonly string[] | undefined, error) => {
    expect(viewOf({ data, error }, isEmpty)).toBe(view);
  });
});
