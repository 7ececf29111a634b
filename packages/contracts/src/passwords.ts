import { z } from 'zod';
import { PASSWORD_LENGTH } from './text.ts';

/** Half of a character that only exists as a pair would be stored as U+FFFD, like any other half: all would match. */
const WELL_FORMED = 'contains half of a character: type it again';

/**
 * Brings the ways in which keyboards and systems write the same text to one (RFC 8265, OpaqueString): every space is
 * a space, composed and decomposed letters are one. Nothing is trimmed, shortened or turned to lower case.
 */
export const preparePassword = (password: string): string =>
  password.replace(/\p{Zs}/gu, ' ').normalize('NFC');

const charactersOf = (text: string): number => [...text].length;

const prepared = z
  .string()
  .refine((value) => value.isWellFormed(), { error: WELL_FORMED, abort: true })
  .overwrite(preparePassword);

/** Length is the only rule of form: there are none about kinds of characters (ASVS 6.2.5). */
export const NewPassword = prepared
  .refine((value) => charactersOf(value) >= PASSWORD_LENGTH.min, {
    error: `Must have at least ${PASSWORD_LENGTH.min} characters`,
  })
  .refine((value) => charactersOf(value) <= PASSWORD_LENGTH.max, {
    error: `Must have at most ${PASSWORD_LENGTH.max} characters`,
  })
  .refine((value) => !/\p{Cc}/u.test(value), { error: 'Must not contain control characters' })
  .meta({ minLength: PASSWORD_LENGTH.min, maxLength: PASSWORD_LENGTH.max });

/** A password as somebody signs in with it. */
export const GivenPassword = prepared
  .refine((value) => value.length > 0, { error: 'Must not be empty' })
  .refine((value) => charactersOf(value) <= PASSWORD_LENGTH.max, {
    error: `Must have at most ${PASSWORD_LENGTH.max} characters`,
  })
  .meta({ minLength: 1, maxLength: PASSWORD_LENGTH.max });
