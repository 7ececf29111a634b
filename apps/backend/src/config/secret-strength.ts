/**
 * How hard a secret is to guess, estimated from how it is written: random characters count fully, whatever a person or
 * a keyboard made counts little. A whole library (zxcvbn) would add 400 kB of dictionaries for the same verdicts: a
 * secret is made by a machine, so nothing that looks like words needs to be told apart.
 */

/** What stands in guides and templates where a secret belongs. Five letters and more: never in a random one by chance. */
const PLACEHOLDER =
  /change.?(?:me|this|it)|replace|placeholder|example|secret|passw(?:or|or?t)|letmein|default|sample|insecure|development|plinth|dummy|your.(?:key|token|own)|put.?here/i;

const KEYBOARD_ROWS = [
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  '1234567890',
];
const KEYBOARD = [...KEYBOARD_ROWS, ...KEYBOARD_ROWS.map((row) => [...row].reverse().join(''))];

/** Bits of one pattern, however long it is: which one, where it begins, how far it goes. */
const PATTERN_BITS = 8;
/** Bits of a letter in a pronounceable run: a word of five letters out of about 4,000. */
const WORD_LETTER_BITS = 2.4;

/** Length of the run of equal steps (abcd, 9876, aaaa) that begins at `start`. */
function sequenceAt(text: string, start: number): number {
  const step = text.charCodeAt(start + 1) - text.charCodeAt(start);
  if (!(Math.abs(step) <= 1)) return 1;
  let end = start + 2;
  while (end < text.length && text.charCodeAt(end) - text.charCodeAt(end - 1) === step) end += 1;
  return end - start;
}

/** Length of the walk along a row of the keyboard that begins at `start`. */
function keyboardAt(text: string, start: number): number {
  let longest = 0;
  for (const row of KEYBOARD) {
    const at = row.indexOf(text.charAt(start));
    if (at < 0) continue;
    let length = 1;
    while (start + length < text.length && row[at + length] === text[start + length]) length += 1;
    longest = Math.max(longest, length);
  }
  return longest;
}

/** Length of what begins at `start` and stood in the text before. */
function repetitionAt(text: string, start: number): number {
  let length = 0;
  while (
    start + length < text.length &&
    text.slice(0, start + length).includes(text.slice(start, start + length + 1))
  )
    length += 1;
  return length;
}

/** Length of the pronounceable run of letters that begins at `start`: vowels often, and no heap of consonants. */
function wordAt(text: string, start: number): number {
  const [run = ''] = /^[a-z]+/.exec(text.slice(start)) ?? [];
  const vowels = run.replace(/[^aeiouy]/g, '').length;
  const speakable = !/[^aeiouy]{5}/.test(run) && vowels >= run.length / 5;
  return speakable ? run.length : 0;
}

/** Estimated bits of a text against somebody who knows how people make secrets up. */
export function estimateBits(secret: string): number {
  const text = secret.toLowerCase();
  const perCharacter = Math.log2(Math.max(1, new Set(secret).size));
  let bits = 0;
  for (let at = 0; at < text.length; ) {
    const pattern = Math.max(sequenceAt(text, at), keyboardAt(text, at), repetitionAt(text, at));
    const word = wordAt(text, at);
    if (pattern >= 4) {
      bits += Math.min(PATTERN_BITS, pattern * perCharacter);
      at += pattern;
    } else if (word >= 5) {
      bits += word * Math.min(WORD_LETTER_BITS, perCharacter);
      at += word;
    } else {
      bits += perCharacter;
      at += 1;
    }
  }
  return bits;
}

/**
 * Why a secret is too easy to guess, in words that continue its name; undefined when it is not. Never repeats it.
 *
 * @param minBits 100 for keys that sign (32 random hexadecimal digits have about 115), less for what can be asked only
 *   over the network
 */
export function secretWeakness(secret: string, minBits: number): string | undefined {
  if (PLACEHOLDER.test(secret)) return 'looks like a placeholder';
  const bits = estimateBits(secret);
  return bits < minBits
    ? `is easy to guess: repetitions, sequences, words or too few characters leave about ${Math.round(bits)} bits of ${minBits}`
    : undefined;
}
