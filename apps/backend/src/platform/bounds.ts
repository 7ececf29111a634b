/**
 * How much of what a client has sent is repeated in answers, logs and spans: output must not grow with hostile input.
 * Lengths in characters.
 */
export const BOUNDS = {
  /** Rejected fields in one problem, and named in its sentence. */
  fields: 20,
  fieldName: 100,
  sentence: 1000,
  path: 300,
} as const;

/** The beginning of a text, marked where it was cut; never half of a character. */
export const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length).toWellFormed()}…`;
