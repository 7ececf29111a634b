/** Statements of a migration that deserve a second look before it meets rows that matter. Pure. */

const RULES: readonly { readonly pattern: RegExp; readonly say: (name: string) => string }[] = [
  { pattern: /^DROP TABLE (\S+?);?$/gm, say: (name) => `Drops table ${name} with all its rows.` },
  {
    pattern: /\bDROP COLUMN (?:IF EXISTS )?("[^"]+"|\w+)/g,
    say: (name) => `Drops column ${name} with its values.`,
  },
  {
    pattern: /\bADD COLUMN\s+("[^"]+"|\w+)(?=[^,;]*\bNOT NULL)(?![^,;]*\bDEFAULT\b)/g,
    say: (name) => `Adds ${name} as NOT NULL without a default: fails when the table has rows.`,
  },
  {
    pattern: /\bALTER COLUMN ("[^"]+"|\w+) SET NOT NULL/g,
    say: (name) => `Makes ${name} NOT NULL: fails when a row has no value.`,
  },
  {
    pattern: /\bALTER COLUMN ("[^"]+"|\w+) SET DATA TYPE/g,
    say: (name) =>
      `Changes the type of ${name}: may rewrite the table and fail on a value that does not fit.`,
  },
  { pattern: /^DROP TYPE (\S+?);?$/gm, say: (name) => `Drops type ${name}.` },
];

/** One sentence for each statement that may lose data or fail on existing rows; none for what only adds. */
export const migrationWarnings = (sql: string): string[] =>
  RULES.flatMap(({ pattern, say }) => [...sql.matchAll(pattern)].map((match) => say(match[1] ?? '')));
