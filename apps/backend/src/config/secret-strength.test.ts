import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { secretWeakness } from './secret-strength.ts';

const SIGNING_BITS = 100;

describe('too weak for a secret is', () => {
  test.each([
    ['the alphabet and the digits', 'abcdefghijklmnopqrstuvwxyz0123456789'],
    ['the same backwards', '9876543210zyxwvutsrqponmlkjihgfedcba'],
    ['a placeholder', 'changeme-7Jq2vXr9TzLw4NbHc8MyPd3GfAs6QeU'],
    ['a placeholder in capitals', 'CHANGE_ME_7Jq2vXr9TzLw4NbHc8MyPd3GfAs6'],
    ['"your-256-bit-secret"', 'your-256-bit-secret-your-256-bit-secret'],
    ['one character', 'a'.repeat(64)],
    ['two characters', 'ab'.repeat(32)],
    ['a short text again and again', 'x7Kq2'.repeat(8)],
    ['rows of the keyboard', 'qwertyuiopasdfghjklzxcvbnm1234567890'],
    ['rows of the keyboard, backwards and in capitals', 'POIUYTREWQLKJHGFDSAMNBVCXZ0987654321'],
    ['a sentence', 'thequickbrownfoxjumpsoverthelazydog'],
    ['a few words', 'correct-horse-battery-staple-again'],
    ['a name, years and marks', 'MyCompanyToken2024!MyCompanyToken2025!'],
    ['digits in order', '12345678901234567890123456789012'],
    ['a secret of the tests', 'access-0123456789-0123456789-0123456789'],
    ['few different characters', '0101101001011100101010111010010110100101'],
  ])('%s', (_what, secret) => {
    expect(secretWeakness(secret, SIGNING_BITS)).toEqual(expect.any(String));
    expect(secretWeakness(secret, SIGNING_BITS)).not.toContain(secret.slice(0, 8));
  });
});

describe('strong enough is', () => {
  test.each(['hex', 'base64', 'base64url'] as const)('what a machine makes as %s, always', (encoding) => {
    for (let n = 0; n < 300; n += 1) {
      const secret = randomBytes(encoding === 'hex' ? 24 : 32).toString(encoding);
      expect([secret, secretWeakness(secret, SIGNING_BITS)]).toEqual([secret, undefined]);
    }
  });

  test('32 hexadecimal digits, for a password of a database', () => {
    for (let n = 0; n < 300; n += 1)
      expect(secretWeakness(randomBytes(16).toString('hex'), 60)).toBeUndefined();
  });
});
