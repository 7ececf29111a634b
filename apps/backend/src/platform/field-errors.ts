import type { FieldError } from '@plinth/contracts';
import type { z } from 'zod';
import { BOUNDS, cut } from './bounds.ts';

export type FieldErrors = FieldError[];
type Issue = z.core.$ZodIssue;

const FORMATS: Readonly<Record<string, string>> = {
  email: 'Must be an email address, such as ada@example.com',
  uuid: 'Must be a UUID',
  datetime: 'Must be a date and time in ISO 8601',
  url: 'Must be a URL',
};
const UNITS: Readonly<Record<string, string>> = { string: 'characters', array: 'items' };

const bound = (words: string, limit: number | bigint, origin: string): string =>
  UNITS[origin] ? `Must have ${words} ${limit} ${UNITS[origin]}` : `Must be ${words} ${limit}`;

/** An issue in words that say what to do; the library's own for what is not in this list. */
function wordsOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.message.endsWith('received undefined')) return 'Required';
      return `Must be ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'Must not be empty';
      return bound('at least', issue.minimum, issue.origin);
    case 'too_big':
      return bound('at most', issue.maximum, issue.origin);
    case 'invalid_format':
      return FORMATS[issue.format] ?? issue.message;
    case 'invalid_value':
      return `Must be one of: ${issue.values.map(String).join(', ')}`;
    default:
      return issue.message;
  }
}

const nameOf = (path: readonly string[]): string => cut(path.join('.'), BOUNDS.fieldName);

/** What a schema has refused, field by field; of very many the first. */
export const toFieldErrors = (part: FieldError['in'], error: z.ZodError): FieldErrors =>
  error.issues
    .slice(0, BOUNDS.fields)
    .flatMap((issue): FieldErrors => {
      const path = issue.path.map(String);
      if (issue.code === 'unrecognized_keys') {
        return issue.keys.slice(0, BOUNDS.fields).map((key) => ({
          in: part,
          field: nameOf([...path, key]),
          message: 'Unknown field: remove it',
        }));
      }
      return [{ in: part, field: nameOf(path), message: cut(wordsOf(issue), BOUNDS.sentence) }];
    })
    .slice(0, BOUNDS.fields);
