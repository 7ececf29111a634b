import { expect, test } from '@jest/globals';
import { cookieNames } from './cookie-names.ts';

const SECRET = 'a-secret-of-one-clone';
const named = (production: boolean, webOrigin: string, secret = SECRET) =>
  cookieNames({ production, webOrigin, secret });

test('in production over https the names are fixed and locked to the host', () => {
  expect(named(true, 'https://chat.example')).toEqual({
    secure: true,
    refresh: '__Host-refresh',
    csrf: '__Host-csrf',
    device: '__Host-device',
  });
});

test('on one development machine no two instances share a name', () => {
  const instances = [
    named(false, 'http://localhost:3000'),
    named(false, 'http://localhost:3100'),
    named(false, 'http://localhost:3000', 'a-secret-of-another-clone'),
    named(true, 'http://localhost:4000'),
    named(true, 'http://localhost:4100'),
    named(true, 'https://chat.example'),
  ];
  const names = instances.flatMap(({ refresh, csrf }) => [refresh, csrf]);
  expect(new Set(names).size).toBe(names.length);
});

test('several processes of one instance agree on the names', () => {
  expect(named(false, 'http://localhost:3000')).toEqual(named(false, 'http://localhost:3000'));
});

test('the prefix that demands Secure comes with Secure only', () => {
  for (const origin of ['http://localhost:3000', 'https://localhost:3000']) {
    for (const production of [true, false]) {
      const { secure, refresh, csrf } = named(production, origin);
      expect([refresh.startsWith('__Host-'), csrf.startsWith('__Host-')]).toEqual([secure, secure]);
    }
  }
  expect(named(false, 'http://localhost:3000').secure).toBe(false);
});
