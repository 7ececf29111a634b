import { dictionary } from '@zxcvbn-ts/language-common';

/** Of the words around an account, those shorter than this say nothing. */
const MIN_WORD = 3;
const PRODUCT = 'plinth';

/** The most common passwords of known leaks, some 49,000, in lower case. */
const COMMON: ReadonlySet<string> = new Set(dictionary['passwords-common']);

/** Rows of a keyboard, the alphabet and the digits, both ways. */
const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'qwertzuiop',
  'asdfghjkl',
  'zxcvbnm',
].flatMap((row) => [row, [...row].reverse().join('')]);

/** The same few characters again and again: 88888888, abcabcabc. */
const isRepetition = (text: string): boolean => /^(.{1,5}?)\1+.{0,4}$/su.test(text);

/** Nothing but runs along the rows: 12345678, qwertyasdf. */
function isRuns(text: string): boolean {
  for (let at = 0; at < text.length; ) {
    let longest = 0;
    for (const row of ROWS) {
      for (let end = at + 3; end <= text.length && row.includes(text.slice(at, end)); end += 1) {
        longest = Math.max(longest, end - at);
      }
    }
    if (longest === 0) return false;
    at += longest;
  }
  return true;
}

/** A date in digits: 24121990, 19901224. */
const isDate = (text: string): boolean => /^(?:\d{4}(?:19|20)\d{2}|(?:19|20)\d{6})$/.test(text);

/** What a password must not be made of. */
export interface AboutThePerson {
  readonly email: string;
  readonly name: string;
  readonly organizationName: string;
}

const words = (text: string): string[] =>
  text
    .toLowerCase()
    .normalize('NFC')
    .split(/[^\p{L}\p{M}\p{N}]+/u);

/** Nothing but the person's own words, digits and signs: AdaLovelace1815!, ada@example.com. */
function isAbout(password: string, { email, name, organizationName }: AboutThePerson): boolean {
  const [local = '', domain = ''] = email.split('@');
  const known = [local, domain, ...words(email), ...words(name), ...words(organizationName), PRODUCT]
    .filter((word) => word.length >= MIN_WORD)
    // The longest first, so that a short one does not cut a long one apart.
    .sort((a, b) => b.length - a.length);
  let rest = password;
  for (const word of known) rest = rest.replaceAll(word, ' ');
  return rest !== password && !/\p{L}/u.test(rest);
}

/**
 * Why a new password would be guessed soon; undefined for one that would not (ASVS 6.2.4, 6.2.11, 6.2.12). There are
 * no rules of composition, and everything is judged in lower case: `PASSWORD` is tried right after `password`.
 */
export function weaknessOf(password: string, person: AboutThePerson): string | undefined {
  const lower = password.toLowerCase();
  if (isAbout(lower, person))
    return 'Must not be your name, your email address, or the name of your organisation or of this service';
  if (COMMON.has(lower) || isRepetition(lower) || isRuns(lower) || isDate(lower))
    return 'This is one of the most common passwords: choose another one, for example four random words';
  return undefined;
}
