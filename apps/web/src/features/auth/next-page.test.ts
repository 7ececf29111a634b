import { expect, test } from '@jest/globals';
import { nextPage } from './next-page.ts';

test('signing in leads back to the page that was asked for', () => {
  expect(nextPage('/o/1/c/2?x=1#y')).toBe('/o/1/c/2?x=1#y');
});

test.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  '',
  7,
  undefined,
])('signing in never leads to another site: %p', (wanted) => {
  expect(nextPage(wanted)).toBe('/');
});

test('signing in never leads to an address with control characters', () => {
  expect(nextPage('/\t/evil.example')).toBe('/');
});
