import { describe, expect, test } from '@jest/globals';
import { identifier, singleLine, text } from './fields.ts';
import { countCharacters, isBlank, problemOfLine, tidyIdentifier, tidyLine, tidyText } from './text.ts';

const remark = (schema: ReturnType<typeof text>, value: string): string | undefined => {
  const { error } = schema.safeParse(value);
  return error?.issues[0]?.message;
};

/** Names of people, places and teams as they are written. */
const REAL: readonly string[] = [
  'Ada Lovelace',
  'O’Brien-Smith, Jr. (QA)',
  'José María',
  'Jose\u0301 Mari\u0301a', // decomposed
  'Nguyễn Thị Minh Khai',
  'Łukasz Żółć',
  'Ἀριστοτέλης',
  'Дмитрий Ёлкин',
  'Հայկ Մարտիրոսյան',
  'ნინო',
  'יִצְחָק', // Hebrew with points
  'مُحَمَّد', // Arabic with vowel marks
  'می‌خواهم', // Persian with ZWNJ
  'ܡܪܝ ܐܦܪܝܡ',
  'हिन्दी विभाग',
  'क्‍ष', // Devanagari with ZWJ
  'বাংলা',
  'ਪੰਜਾਬੀ',
  'தமிழ்',
  'తెలుగు',
  'ಕನ್ನಡ',
  'മലയാളം',
  'ශ්‍රී ලංකා', // Sinhala with ZWJ
  'ภาษาไทย',
  'ພາສາລາວ',
  'བོད་སྐད་',
  'မြန်မာဘာသာ',
  'ភាសាខ្មែរ',
  'አማርኛ',
  'ᏣᎳᎩ',
  'ᠮᠣᠩᠭᠣᠯ᠋', // Mongolian with a variation selector
  '山田 太郎',
  '葛\u{e0100}城', // ideograph with its variant
  'ひらがな',
  '김철수',
  '\u1100\u1161\u11a8', // Korean, decomposed
  '𠮷野家', // outside the basic plane
  '👩🏽‍🚀 Space',
  '👨‍👩‍👧‍👦',
  '🏳️‍🌈',
  '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}', // flag of England
  '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Scotland',
  'র\u200d্যাব', // Bengali, with ZWJ before the virama
  '❤\ufe0e', // the heart as text
  'ᠠ\u180eᠠ', // Mongolian vowel separator
  `a${'\u0316'.repeat(16)}`, // as many marks as one letter may have
  '1️⃣ first',
  '❤️',
  '۝',
];

/** What nobody sees. */
const BLANK: readonly string[] = [
  ...['\u3164', '\u2800', '\u00ad', '\u034f', '\u115f', '\u1160', '\uffa0', '\u17b4', '\u180e', '\u{1d159}'],
  ...['\u200c', '\u200d', '\u200e', '\u200f', '\u061c', '\u2061', '\u2063', '\u206a', '\ufe0f', '\ufe00'],
  ...[
    '\u{e0001}',
    '\u{e0041}',
    '\u{e0100}',
    '\u{1bca0}',
    '\u{1d173}',
    '\u0301',
    '\u20e3',
    '\u0e31',
    '\ufff9',
  ],
  ...[
    '\ue000',
    '\u{f0000}',
    '\u{fff80}',
    '\u{10fffd}',
    '\u{1fbfd}',
    '\u0378',
    '\u{16fe4}',
    '\u{13430}',
    '\u{1343f}',
  ],
  ...['\u{13441}', '\ufffc', '\u115f\u1160', '\ue000\u200d', '\u{e007f}'],
  ...['\u3164 \u2800', '\u200d\u200d\u200d', '\u00ad\n\u00ad', '\u0301\u0302'],
];
const EMPTY: readonly string[] = [
  '',
  ' ',
  '\n\t\r\n',
  '\u00a0\u1680\u2003\u202f\u205f\u3000\u2028\u2029\u0085',
  '\u200b',
  '\ufeff\u2060',
];

describe.each([
  ['text', text(200)],
  ['a single line', singleLine(200)],
])('%s', (_name, schema) => {
  test.each(REAL)('keeps %s, composed', (value) => {
    expect(schema.parse(value)).toBe(value.normalize('NFC'));
  });

  test.each(BLANK)('of nothing that can be seen is refused: %j', (value) => {
    expect(isBlank(value)).toBe(true);
    expect(schema.safeParse(value).success).toBe(false);
  });

  test.each(EMPTY)('of space alone is empty: %j', (value) => {
    expect(schema.safeParse(value).error?.issues).toMatchObject([{ code: 'too_small', minimum: 1 }]);
  });

  test.each([
    'a\u0000',
    '\u0007bell',
    'a\u001b[31m',
    'a\u007fb',
    'a\u009bb',
    'a\u0085b',
    'a\ufffeb',
    'a\u{1ffff}b',
  ])('with a control character or noncharacter is refused: %j', (value) => {
    expect(remark(schema, value)).toMatch(/control characters|line break/);
  });

  test.each(['\ud800', 'a\udc00b', '\ude00\ud83d'])('with half of a character is refused: %j', (value) => {
    expect(remark(schema, value)).toMatch(/half of a character/);
  });

  test('loses every kind of space around it, and nothing that belongs to a character', () => {
    expect(schema.parse('\ufeff\u3000\u00a0\u200b Ada \u2029\u0085\r\n')).toBe('Ada');
    expect(schema.parse('❤️ ')).toBe('❤️');
  });

  test.each([
    `a${'\u0316'.repeat(17)}`,
    `A${'\u0301'.repeat(80)}`,
    `a${'\u0316\u0301'.repeat(40)}b`,
    `ก${'\u0e49'.repeat(30)}`,
    `a${'\u0316\u200d'.repeat(40)}`,
    `a${'\u0316\u034f'.repeat(40)}`,
    `a${'\u20dd'.repeat(20)}`,
  ])('with a heap of marks on one letter is refused: %j', (value) => {
    expect(remark(schema, value)).toMatch(/more than 16 marks on one letter/);
  });

  test('is measured in code points after tidying, at the limit and one beyond', () => {
    expect(schema.parse('😀'.repeat(200))).toHaveLength(400);
    expect(schema.parse(`  ${'e\u0301'.repeat(200)}  `)).toBe('é'.repeat(200));
    expect(schema.safeParse('😀'.repeat(201)).error?.issues).toMatchObject([
      { code: 'too_big', maximum: 200 },
    ]);
    expect(countCharacters('😀é')).toBe(2);
  });

  test('is the same when it is parsed again', () => {
    for (const value of REAL) expect(schema.parse(schema.parse(value))).toBe(schema.parse(value));
  });

  test('takes no longer for a hostile body than for an honest one', () => {
    // 100 kB each; a quadratic expression would need minutes and run into the timeout of the test.
    for (const part of [
      ' ',
      '\u200b',
      '\u200b ',
      '\u200d',
      '\u0301',
      '\u0915\u094d\u200d',
      '\n',
      '\u0316\u200d\u200d',
      '\ufe0f',
    ]) {
      const value = `x${part.repeat(100_000 / part.length)}x`;
      expect(typeof schema.safeParse(value).success).toBe('boolean');
      expect(typeof singleLine(100_000).safeParse(value).success).toBe('boolean');
    }
  });
});

describe('text of several lines', () => {
  test.each([
    ['a\r\nb', 'a\nb'],
    ['a\rb', 'a\nb'],
    ['a\r\n\r\nb\r', 'a\n\nb'],
    ['a\n\rb', 'a\n\nb'],
    ['a\u2028b\u2029c', 'a\nb\nc'],
    ['\tcode\n\t\tdeeper  ', 'code\n\t\tdeeper'],
  ])('has \\n as its only line break: %j', (typed, stored) => {
    expect(text(100).parse(typed)).toBe(stored);
    expect(tidyText(stored)).toBe(stored);
  });

  test('may be written from right to left with the controls for it', () => {
    expect(text(100).parse('\u2067שלום\u2069')).toBe('\u2067שלום\u2069');
  });
});

describe('a single line', () => {
  test.each(['a\nb', 'a\r\nb', 'a\rb', 'a\vb', 'a\fb', 'a\u0085b', 'a\u2028b', 'a\u2029b'])(
    'with a line break is refused: %j',
    (value) => {
      expect(remark(singleLine(80), value)).toMatch(/line break/);
    },
  );

  test.each([...'\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c'])(
    'with a direction control is refused: %j',
    (control) => {
      for (const value of [`a${control}b`, `${control}ab`, `ab${control}`]) {
        expect(remark(singleLine(80), value)).toMatch(/direction of writing/);
      }
    },
  );

  test.each([
    ...[
      'a\u200bb',
      'a\u200db',
      'a\u200cb',
      'a\u00adb',
      'a\u2060b',
      'a\ufeffb',
      'a\u034fb',
      'a\u3164b',
      'a\u2800b',
    ],
    ...[
      'Ada\u{13437}',
      'Ada\u{1343f}',
      'Ada\u{16fe4}',
      'a\ufffcb',
      'a\u115fb',
      'a\u1160b',
      'a\uffa0',
      'a\u{1d159}',
    ],
    ...[
      'a\u{1bca0}',
      'a\u{1d173}',
      'a\u2062b',
      'a\u{e0fff}',
      '\u0646\u200d\u0645',
      '\u0646\u200c',
      '❤️\ufe0f',
    ],
    ...['🏴\u{e0061}\u{e0064}\u{e006d}\u{e0069}\u{e006e}\u{e007f}', '🏴\u{e0067}\u{e007f}', '🏴\u{e007f}'],
    ...[
      '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}',
      'x\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    ],
    ...['田\ufe0f', '田\ufe00\ufe00', 'ᠠ\u180e'],
    ...['a\ufe0fb', 'a\u{e0041}', 'a\u{e0100}', '1\ufe0f', 'क\u200d', '\u200dक', '👩\u200d', 'a\ufff9b'],
  ])('with a hidden character that no script needs there is refused: %j', (value) => {
    expect(remark(singleLine(80), value)).toMatch(/invisible character/);
  });

  test.each(['Ada\ue000', 'Ada\u{f8ff}', 'Ada\u{fff80}', 'a\u{1fbfd}b', 'a\u0378b'])(
    'with a character of private use or none at all is refused: %j',
    (value) => {
      expect(remark(singleLine(80), value)).toMatch(/stands for nothing in Unicode/);
    },
  );

  test('says nothing by what is hidden in it: what is accepted differs from its visible part by needed characters only', () => {
    // Between two letters that need nothing; of the planes that are private or empty, samples.
    const hidden =
      /^(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])[\p{C}\p{Default_Ignorable_Code_Point}]$/u;
    const passed: string[] = [];
    for (
      let code = 0;
      code <= 0x10_ffff;
      code += code < 0x4_0000 || (code >= 0xe_0000 && code < 0xe_2000) ? 1 : 251
    ) {
      const character = String.fromCodePoint(code);
      if (hidden.test(character) && problemOfLine(`a${character}b`) === undefined)
        passed.push(code.toString(16));
    }
    expect(passed).toEqual([]);
  });

  test('that begins with a mark would change the character before it', () => {
    expect(remark(singleLine(80), '\u0301ada')).toMatch(/Begins with a mark/);
  });

  test('has single spaces, whatever kind was typed', () => {
    expect(tidyLine('  Ada\u00a0\u2003 \t Lovelace\u3000')).toBe('Ada Lovelace');
  });
});

describe('a channel name', () => {
  const name = identifier(50);
  const stored = [
    ['general', 'general'],
    ['General', 'general'],
    ['हिन्दी', 'हिन्दी'],
    ['ภาษาไทย', 'ภาษาไทย'],
    ['مُحَمَّد', 'مُحَمَّد'],
    ['می‌خواهم', 'می‌خواهم'],
    ['cafe\u0301', 'caf\u00e9'],
    ['ＧＥＮＥＲＡＬ', 'general'],
    ['oﬃce', 'office'],
    ['İSTANBUL', 'i\u0307stanbul'],
    ['ΟΔΟΣ', 'οδος'],
    ['team-7_b', 'team-7_b'],
    ['한국어', '한국어'],
    ['２０２６', '2026'],
  ] as const;

  test.each(stored)('%s is stored as %s, so that its other spellings find it taken', (typed, expected) => {
    expect(name.parse(typed)).toBe(expected.normalize('NFC'));
    expect(tidyIdentifier(name.parse(typed))).toBe(name.parse(typed));
  });

  test.each([
    ...[
      'two words',
      '-dash',
      '_line',
      '#general',
      'a/b',
      'a.b',
      '😀',
      '\u0301a',
      '\u3164',
      'a\u3164',
      'a\u200db',
    ],
    ...['a\u00adb', 'a\nb', '\u202egeneral', '', 'a\u200b'.repeat(3)],
  ])('%j is refused', (value) => {
    expect(name.safeParse(value).success).toBe(false);
  });

  test('is at most as long as its limit', () => {
    expect(name.safeParse('क्'.repeat(25)).success).toBe(true);
    expect(name.safeParse('क्'.repeat(26)).success).toBe(false);
  });
});
