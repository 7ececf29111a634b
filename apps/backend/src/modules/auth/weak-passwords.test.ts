import { describe, expect, test } from '@jest/globals';
import { dictionary } from '@zxcvbn-ts/language-common';
import { weaknessOf } from './weak-passwords.ts';

const ADA = {
  email: 'ada.lovelace@example.com',
  name: 'Ada Lovelace',
  organizationName: 'Analytical Engines',
};
const weak = (password: string) => weaknessOf(password, ADA);

describe('a new password is refused', () => {
  test('when it is one of the most common ones, of which there are enough', () => {
    const common = dictionary['passwords-common'].filter((password) => password.length >= 8);
    expect(common.length).toBeGreaterThan(10_000);
    expect(common.slice(0, 3000).filter((password) => weak(password) === undefined)).toEqual([]);
  });

  test.each([
    'password',
    'PASSWORD',
    '12345678',
    '87654321',
    'qwertyuiop',
    'iloveyou',
    '88888888',
    'abcabcabc',
    '12341234',
    'asdfghjkl123',
    '24121990',
    'password1',
  ])('as %s is', (password) => expect(weak(password)).toMatch(/one of the most common passwords/));

  test.each([
    'ada.lovelace@example.com',
    'ada.lovelace',
    'AdaLovelace',
    'lovelace1815!',
    'Ada Lovelace 1815',
    'analytical-engines',
    'plinth2026',
  ])('when it is about the person, as %s is', (password) => expect(weak(password)).toMatch(/your name/));
});

test.each([
  'correct horse battery staple',
  'a rather good password',
  'plinth-demo-1',
  'lovelace wrote the first program',
  'ümlaut-über-alles',
  '8f2kq0zv',
  `${'x'.repeat(4)}qm7${'v9t'.repeat(20)}`,
  'пароль от сейфа',
])('%s is good enough: nothing but guessing is judged', (password) => expect(weak(password)).toBeUndefined());
