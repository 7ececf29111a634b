import { describe, expect, test } from '@jest/globals';
import { GivenPassword, NewPassword } from './passwords.ts';

const COMPOSED = 'caf\u00e9 au lait';
const DECOMPOSED = 'cafe\u0301 au lait';

describe('a password', () => {
  test('is one, however the keyboard writes its letters and spaces', () => {
    expect(GivenPassword.parse(DECOMPOSED)).toBe(NewPassword.parse(COMPOSED));
    expect(GivenPassword.parse('caf\u00e9\u00a0au\u3000lait')).toBe(COMPOSED);
  });

  test('keeps its case, its ends and what only looks alike', () => {
    for (const password of ['  Ends are kept  ', 'ＦＵＬＬwidth stays', 'ﬁ is one letter'])
      expect(NewPassword.parse(password)).toBe(password);
  });

  test.each(['lone \ud800 surrogate', 'lone \udc00 surrogate', 'ends in half \ud83d'])(
    'that is not well-formed is refused: %j',
    (password) => {
      expect(NewPassword.safeParse(password).success).toBe(false);
      expect(GivenPassword.safeParse(password).success).toBe(false);
    },
  );

  test('has 8 to 128 characters, as people count them', () => {
    const ok = (password: string) => NewPassword.safeParse(password).success;
    expect([ok('🐴🐴🐴🐴'), ok('🐴'.repeat(8)), ok('🐴'.repeat(128)), ok('🐴'.repeat(129))]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(ok('seven77')).toBe(false);
    expect(NewPassword.parse('long '.repeat(20)).length).toBe(100);
  });
});
