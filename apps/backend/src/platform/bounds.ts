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
  /** One line of the log, and the details of one audit entry, as JSON. */
  logLine: 8192,
  auditDetails: 4096,
  /** A text in a span that leaves the process. */
  attribute: 2048,
} as const;

/** The beginning of a text, marked where it was cut; never half of a character. */
export const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length).toWellFormed()}…`;

interface Measure {
  readonly text: number;
  readonly entries: number;
  readonly depth: number;
}

/** From the first that is enough: what is long loses its end, what is still too long loses more. */
const MEASURES: readonly Measure[] = [
  { text: 2000, entries: 40, depth: 8 },
  { text: 500, entries: 20, depth: 5 },
  { text: 100, entries: 15, depth: 3 },
  { text: 60, entries: 15, depth: 1 },
];

function reduce(value: unknown, { text, entries, depth }: Measure): unknown {
  if (typeof value === 'string') return cut(value, text);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '…';
  const inside = { text, entries, depth: depth - 1 };
  if (Array.isArray(value)) {
    const kept = value.slice(0, entries).map((item) => reduce(item, inside));
    return value.length > entries ? [...kept, `… ${value.length - entries} more`] : kept;
  }
  const all = Object.entries(value);
  const kept = all.slice(0, entries).map(([key, item]) => [cut(key, BOUNDS.fieldName), reduce(item, inside)]);
  return Object.fromEntries(all.length > entries ? [...kept, ['…', `${all.length - entries} more`]] : kept);
}

/**
 * JSON of an object that is at most so long: where something was left out there is a `…`, and `cutFrom` says how long
 * it was.
 *
 * @param json what the object was read from
 */
export function shrink(json: string, length: number): string {
  if (json.length <= length) return json;
  const whole: unknown = JSON.parse(json);
  for (const measure of MEASURES) {
    const reduced = reduce(whole, measure);
    const small = JSON.stringify({ ...(typeof reduced === 'object' && reduced), cutFrom: json.length });
    if (small.length <= length) return small;
  }
  return JSON.stringify({ cutFrom: json.length });
}
