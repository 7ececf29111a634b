import { expect, test } from '@jest/globals';
import { createPlaces } from './handshakes.ts';

test('places are so many for each and for all together, and each is given back once', () => {
  const take = createPlaces(2, 3);
  const [first, second] = [take('ada'), take('ada')];
  expect(take('ada')).toBeUndefined();
  const third = take('grace');
  expect(third).toBeDefined();
  expect(take('grace')).toBeUndefined();
  expect(take('linus')).toBeUndefined();
  first?.();
  first?.();
  expect(take('linus')).toBeDefined();
  expect(take('ada')).toBeUndefined();
  second?.();
  third?.();
  expect(take('ada')).toBeDefined();
});
