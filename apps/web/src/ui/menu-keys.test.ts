import { describe, expect, test } from '@jest/globals';
import { targetOf } from './menu-keys.ts';

const LABELS = ['Acme', 'Anvil', 'Globex', ' Änderung', 'New organisation'];
const press = (key: string, current: number, typed = { text: '', at: 0 }, now = 1000) =>
  targetOf(key, LABELS, current, typed, now);

describe('in a menu', () => {
  test.each([
    ['ArrowDown', 0, 1],
    ['ArrowDown', 4, 0],
    ['ArrowDown', -1, 0],
    ['ArrowUp', 0, 4],
    ['ArrowUp', -1, 4],
    ['ArrowUp', 3, 2],
    ['Home', 3, 0],
    ['End', 0, 4],
  ])('%s at item %d leads to %d', (key, from, to) => {
    expect(press(key, from)).toBe(to);
  });

  test('a letter leads to the next item that begins with it, whatever its case, and goes round', () => {
    expect(press('a', 0)).toBe(1);
    expect(press('A', 1)).toBe(0);
    expect(press('ä', 0)).toBe(3);
    expect(press('g', 4)).toBe(2);
  });

  test('letters in quick succession are the beginning of a word; after a pause they begin anew', () => {
    const typed = { text: '', at: 0 };
    expect(press('a', 4, typed, 1000)).toBe(0);
    expect(press('n', 0, typed, 1200)).toBe(1);
    expect(press('n', 1, typed, 3000)).toBe(4);
  });

  test('the same letter again goes through all that begin with it', () => {
    const typed = { text: '', at: 0 };
    expect(press('a', 4, typed, 1000)).toBe(0);
    expect(press('a', 0, typed, 1100)).toBe(1);
    expect(press('a', 1, typed, 1200)).toBe(0);
  });

  test.each(['x', 'Shift', 'F5', 'Enter', 'Delete'])('%s means nothing', (key) => {
    expect(press(key, 0)).toBeUndefined();
  });

  test('without items nothing has a meaning', () => {
    expect(targetOf('ArrowDown', [], -1, { text: '', at: 0 }, 0)).toBeUndefined();
  });
});
