import { describe, expect, test } from '@jest/globals';
import { cookieIn } from './csrf.ts';

describe('the CSRF token', () => {
  test('is found under the name that the server told, whatever other instances have put beside it', () => {
    const jar = '__Host-csrf=production; plinth_aaaa_csrf=clone; theme=dark; plinth_bbbb_csrf=ours';
    expect(cookieIn(jar, 'plinth_bbbb_csrf')).toBe('ours');
    expect(cookieIn(jar, '__Host-csrf')).toBe('production');
    expect(cookieIn(jar, 'plinth_cccc_csrf')).toBeUndefined();
  });

  test('may hold "=" and escaped characters', () => {
    expect(cookieIn('csrf=a%2Bb==', 'csrf')).toBe('a+b==');
    expect(cookieIn('csrf=100%', 'csrf')).toBe('100%');
  });

  test('is absent when nobody is signed in', () => {
    expect(cookieIn('', 'csrf')).toBeUndefined();
    expect(cookieIn('not_csrf=abc', 'csrf')).toBeUndefined();
    expect(cookieIn('csrf=', 'csrf')).toBeUndefined();
  });
});
