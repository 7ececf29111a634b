import { describe, expect, test } from '@jest/globals';
import { initialsOf, plainName } from './names.tsx';

describe('a name in plain text', () => {
  test.each(['\u202e', '\u202d', '\u2067', '\u2069', '\u200f', '\u061c'])(
    'is freed of what turns the direction of writing (%j)',
    (turning) => {
      expect(plainName(`Eve${turning}nimda`)).toBe('Evenimda');
    },
  );

  test.each(['שרה', 'سارة', 'ތާނަ', '\u{1e900}\u{1e901}', '\u{10d00}'])(
    'is isolated when it is written from right to left (%s)',
    (name) => {
      expect(plainName(name)).toBe(`\u2068${name}\u2069`);
    },
  );

  test('stays as it is otherwise', () => {
    expect(plainName('Zoë Ødegård 田中')).toBe('Zoë Ødegård 田中');
  });
});

test.each([
  ['Ada Lovelace', 'AL'],
  ['ada', 'A'],
  ['Grace Brewster Murray Hopper', 'GH'],
  ['\u202enimda', 'N'],
  ['e\u0301lise', 'E\u0301'],
  ['👩‍🚀 Nova', '👩‍🚀N'],
  ['', ''],
])('the initials of %j are %j', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});
