/**
 * What text is, in one place: the contracts refuse by these rules, the web app counts and tidies by them.
 * Pure and without a library, so a page may import it. Lengths are Unicode code points, which is how JSON Schema's
 * `maxLength` (and so OpenAPI) and PostgreSQL's `char_length` count too.
 */

/** Longest text of a message, in code points. */
export const MAX_MESSAGE_LENGTH = 4000;

/** Shortest and longest new password, in characters as people count them (ASVS 6.2.1, 6.2.9). */
export const PASSWORD_LENGTH = { min: 8, max: 128 } as const;

/** Length in code points: an emoji outside the basic plane is 1, not the 2 units of a JavaScript string. */
export const countCharacters = (value: string): number => {
  let count = 0;
  for (const _ of value) count++;
  return count;
};

// All of Unicode's White_Space, and what is space in all but name: zero-width space, word joiner, byte order mark.
const SPACE = /[\p{White_Space}\u200b\u2060\ufeff]/u;

/** By hand: an expression for "space before the end" takes quadratic time on long runs of it. */
const trim = (value: string): string => {
  let start = 0;
  let end = value.length;
  while (start < end && SPACE.test(value.charAt(start))) start++;
  while (end > start && SPACE.test(value.charAt(end - 1))) end--;
  return value.slice(start, end);
};

const LINE_BREAK = /[\n\v\f\r\u0085\u2028\u2029]/u;

// Drawn as nothing, or as what a font likes: Braille blank, null note head, blank hieroglyphs, the Khitan filler, the
// place of an object that is not there.
const DRAWN_EMPTY = String.raw`\u2800\u{1d159}\u{13441}\u{13442}\u{16fe4}\ufffc`;
/** Code points that stand for nothing by themselves: private use, unassigned (noncharacters too), halves of a pair. */
const MEANINGLESS = String.raw`\p{Co}\p{Cn}\p{Cs}`;
/** Format characters that one sees: Unicode's Prepended_Concatenation_Mark, such as the Arabic number sign. */
const PREPENDED = String.raw`\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}`;

/**
 * A character that leaves a mark on the screen by itself. Not: spaces, controls and format characters, what Unicode
 * calls Default_Ignorable_Code_Point (zero-width characters, soft hyphen, Hangul fillers, variation selectors, tags),
 * combining marks without a letter, and what is drawn empty or means nothing.
 */
const VISIBLE = new RegExp(
  String.raw`[${PREPENDED}]|(?![\p{White_Space}\p{Default_Ignorable_Code_Point}\p{M}\p{Cc}\p{Cf}${MEANINGLESS}${DRAWN_EMPTY}]).`,
  'su',
);

/** Whether a reader would see nothing at all. */
export const isBlank = (value: string): boolean => !VISIBLE.test(value);

/**
 * Text of several lines as it is stored: every line break is `\n` (CRLF, CR and Unicode's two separators become one),
 * in normalization form C, without space around it. Changes nothing when applied again.
 */
export const tidyText = (value: string): string =>
  trim(value.replace(/\r\n?|[\u2028\u2029]/gu, '\n').normalize('NFC'));

/** One line as it is stored: in normalization form C, every run of space one space, none around it. */
export const tidyLine = (value: string): string => {
  const line = trim(value.normalize('NFC'));
  // A line break inside is refused, not hidden: what was pasted may be two names.
  return LINE_BREAK.test(line) ? line : line.replace(/\p{White_Space}+/gu, ' ');
};

/**
 * The name of something that is addressed by it: lower case by the same rule in every locale, and compatibility forms
 * (full-width letters, ligatures) as the plain ones, so that two names that look alike are one (UAX #31, NFKC). What
 * else two spellings of one name may differ in is kept here and left out where the database compares
 * (channels_org_id_spelling_key): some scripts are written with joiners, and Greek words end in another sigma.
 */
export const tidyIdentifier = (value: string): string =>
  tidyLine(tidyLine(value).normalize('NFKC').toLowerCase().normalize('NFKC'));

// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the purpose
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\p{Noncharacter_Code_Point}/u;
const CONTROLS = new RegExp(CONTROL, 'gu');
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const CONTROL_IN_LINE = /[\u0000-\u001f\u007f-\u009f]|\p{Noncharacter_Code_Point}/u;

/** Without the characters that {@link problemOfText} would refuse, for what was pasted. */
export const withoutControls = (value: string): string => value.replaceAll(CONTROLS, '');

/** Marks on one letter: no writing needs more than a handful, and hundreds of them cover the lines around. */
const MAX_MARKS = 16;
const TOO_MANY_MARKS = new RegExp(
  // Characters that are not drawn do not make a new letter. The two classes are disjoint, so the time stays linear.
  String.raw`(?:\p{M}(?:(?!\p{M})[\p{Default_Ignorable_Code_Point}\p{Cf}])*){${MAX_MARKS + 1}}`,
  'u',
);
const MARKS_PROBLEM = `Contains more than ${MAX_MARKS} marks on one letter: remove some of them`;

/** @returns what is wrong with text of several lines after {@link tidyText}, with the remedy; undefined when it is fine */
export const problemOfText = (value: string): string | undefined => {
  if (!value.isWellFormed()) return 'Contains half of a character: paste or type it again';
  if (CONTROL.test(value)) return 'Contains control characters: remove them';
  if (value !== '' && isBlank(value)) return 'Contains nothing that can be seen: write something';
  if (TOO_MANY_MARKS.test(value)) return MARKS_PROBLEM;
  return undefined;
};

/** Embeddings, overrides, isolates and marks that change the direction of the text around a name. */
const BIDI_CONTROL = /\p{Bidi_Control}/u;

const letterOf = (scripts: readonly string[]): string =>
  `[${scripts.map((script) => String.raw`\p{Script_Extensions=${script}}`).join('')}]`;

/** Scripts of joined letters: ZERO WIDTH NON-JOINER parts them, and a joiner between two changes nothing. */
const CURSIVE = letterOf([
  ...['Arabic', 'Syriac', 'Nko', 'Mandaic', 'Manichaean', 'Adlam', 'Hanifi_Rohingya', 'Sogdian', 'Mongolian'],
]);
/** Scripts of conjuncts: both joiners beside a virama choose their form (RFC 5892, appendix A.1 and A.2). */
const CONJUNCT = letterOf([
  ...['Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada', 'Malayalam'],
  ...['Sinhala', 'Khmer', 'Myanmar', 'Tibetan', 'Grantha', 'Javanese', 'Balinese', 'Chakma'],
]);

/** Invisible characters where writing needs them: joiners inside words, emoji sequences, variants of ideographs. */
const NEEDED_INVISIBLE = new RegExp(
  [
    String.raw`(?<=${CURSIVE}\p{M}*)\u200c(?=${CURSIVE})`,
    String.raw`(?<=${CONJUNCT})[\u200c\u200d](?=${CONJUNCT})`,
    String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})`,
    String.raw`(?<=\p{Extended_Pictographic})[\ufe0e\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3)`,
    // The flags of England, Scotland and Wales, the only ones of this kind that are recommended (UTS #51, RGI).
    String.raw`(?<=\u{1f3f4})\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}`,
    String.raw`(?<=\p{Ideographic})[\ufe00-\ufe02\u{e0100}-\u{e01ef}]`,
    String.raw`(?<=\p{Script=Mongolian})[\u180b-\u180d\u180f]|(?<=\p{Script=Mongolian})\u180e(?=\p{Script=Mongolian})`,
  ].join('|'),
  'gu',
);
const INVISIBLE = new RegExp(
  String.raw`(?![${PREPENDED}])[\p{Default_Ignorable_Code_Point}\p{Cf}${DRAWN_EMPTY}]`,
  'u',
);
// What is ignorable although unassigned is invisible, and told so.
const STANDS_FOR_NOTHING = new RegExp(String.raw`(?!\p{Default_Ignorable_Code_Point})[${MEANINGLESS}]`, 'u');

/** @returns what is wrong with one line after {@link tidyLine}, with the remedy; undefined when it is fine */
export const problemOfLine = (value: string): string | undefined => {
  if (!value.isWellFormed()) return 'Contains half of a character: paste or type it again';
  if (LINE_BREAK.test(value)) return 'Contains a line break: write it on one line';
  if (CONTROL_IN_LINE.test(value)) return 'Contains control characters: remove them';
  if (BIDI_CONTROL.test(value))
    return 'Contains a character that changes the direction of writing: remove it';
  if (value !== '' && isBlank(value)) return 'Contains nothing that can be seen: write something';
  if (/^\p{M}/u.test(value)) return 'Begins with a mark that has no letter: begin with the letter';
  if (TOO_MANY_MARKS.test(value)) return MARKS_PROBLEM;
  if (INVISIBLE.test(value.replace(NEEDED_INVISIBLE, '')))
    return 'Contains an invisible character: type it again instead of pasting it';
  if (STANDS_FOR_NOTHING.test(value))
    return 'Contains a character that stands for nothing in Unicode: remove it';
  return undefined;
};
