import { describe, expect, test } from '@jest/globals';
import { csrfTokenIn } from './csrf.ts';

describe('the CSRF token', () => {
  test('is found among other cookies', () => {
    expect(csrfTokenIn('theme=dark; plinth_csrf=abc-123; x=1')).toBe('abc-123');
  });

  test('of the production cookie comes before the one of development', () => {
    expect(csrfTokenIn('plinth_csrf=old; __Host-csrf=new')).toBe('new');
  });

  test('may hold "=" and escaped characters', () => {
    expect(csrfTokenIn('plinth_csrf=a%2Bb==')).toBe('a+b==');
    expect(csrfTokenIn('plinth_csrf=100%')).toBe('100%');
  });

  test('is absent when nobody is signed in', () => {
    expect(csrfTokenIn('')).toBeUndefined();
    expect(csrfTokenIn('not_plinth_csrf=abc')).toBeUndefined();
    expect(csrfTokenIn('plinth_csrf=')).toBeUndefined();
  });
});
