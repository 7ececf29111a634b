import { z } from 'zod';
import { countCharacters, problemOfLine, problemOfText, tidyIdentifier, tidyLine, tidyText } from './text.ts';

interface Rule {
  readonly tidy: (value: string) => string;
  readonly problem: (tidied: string) => string | undefined;
  /** Longest in code points, after tidying. */
  readonly max: number;
  readonly description: string;
}

/**
 * A field that people type. It is tidied before anything is said about it, and stays one schema without a pipe, so its
 * bounds reach OpenAPI; zod's own `max` counts UTF-16 units, OpenAPI's `maxLength` code points, which is what holds.
 */
const typed = ({ tidy, problem, max, description }: Rule) =>
  z
    .string()
    .overwrite(tidy)
    .check(({ value, issues }) => {
      if (value === '') {
        issues.push({ code: 'too_small', origin: 'string', minimum: 1, inclusive: true, input: value });
      } else if (countCharacters(value) > max) {
        issues.push({ code: 'too_big', origin: 'string', maximum: max, inclusive: true, input: value });
      } else {
        const message = problem(value);
        if (message) issues.push({ code: 'custom', message, input: value });
      }
    })
    .meta({ minLength: 1, maxLength: max, description });

/** Text of several lines, at most `max` code points: see `tidyText` and `problemOfText` for the rules. */
export const text = (max: number) =>
  typed({
    tidy: tidyText,
    problem: problemOfText,
    max,
    description: `Text of up to ${max} characters (Unicode code points). Line breaks become \\n, space around it is removed, the rest is stored in normalization form C. Something must be visible; control characters are refused.`,
  });

/** A name or any other single line, at most `max` code points: see `tidyLine` and `problemOfLine` for the rules. */
export const singleLine = (max: number) =>
  typed({
    tidy: tidyLine,
    problem: problemOfLine,
    max,
    description: `One line of up to ${max} characters (Unicode code points) in any script, stored in normalization form C with single spaces. Something must be visible; line breaks, control characters, direction controls and invisible characters are refused.`,
  });

/** Letters, digits and marks of any script, and the joiners that some scripts need. */
const IDENTIFIER = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}_-]|\p{Join_Control})*$/u;

/** A name by which something is found, such as a channel's; two that differ in case or form only are the same. */
export const identifier = (max: number) =>
  typed({
    tidy: tidyIdentifier,
    problem: (value) =>
      problemOfLine(value) ??
      (IDENTIFIER.test(value)
        ? undefined
        : 'Use letters, digits, "-" and "_", and begin with a letter or a digit'),
    max,
    description: `Up to ${max} letters, marks and digits of any script, "-" and "_"; begins with a letter or a digit. Stored in lower case and normalization form KC.`,
  });

/** An email address, compared in lower case. */
export const Email = z
  .string()
  .overwrite((value) => tidyLine(value).toLowerCase())
  .check(z.email())
  .max(254);

/** An opaque credential that a program sends back as it got it (the characters of RFC 6750). */
export const token = (max: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9._~+/=-]+$/, 'Send the token exactly as it was received')
    .max(max);
