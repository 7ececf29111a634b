import { randomUUID } from 'node:crypto';

/** The keywords of JSON Schema that the inputs of the API use. */
export interface FieldSchema {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array';
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
}

const WELL_FORMED: Readonly<Record<string, () => string>> = {
  uuid: randomUUID,
  email: () => `sample-${randomUUID()}@example.com`,
  'date-time': () => new Date().toISOString(),
};

/**
 * A value that the schema accepts: a new one each time, so that nothing that must be unique is there already.
 * @throws Error for a schema that it does not know how to fill, so that a new kind of field is noticed
 */
export function sampleOf(schema: FieldSchema): unknown {
  const { type, format, minLength = 1, maxLength = 64, minimum = 0, maximum = 1 } = schema;
  if (schema.enum) return schema.enum.at(-1);
  if (type === 'object') {
    const fields = Object.entries(schema.properties ?? {});
    return Object.fromEntries(fields.map(([name, field]) => [name, sampleOf(field)]));
  }
  if (type === 'integer' || type === 'number') return Math.max(minimum, Math.min(maximum, 1));
  if (type === 'boolean') return true;
  if (type !== 'string') throw new Error(`No sample is known for ${JSON.stringify(schema)}.`);
  const wellFormed = format === undefined ? undefined : WELL_FORMED[format];
  if (format !== undefined && !wellFormed) throw new Error(`No sample is known for the format "${format}".`);
  return wellFormed?.() ?? `s${randomUUID().replaceAll('-', '')}`.slice(0, maxLength).padEnd(minLength, 'x');
}

/** Values that the schema refuses, each with the reason: one for each keyword that it has. */
export function violationsOf(schema: FieldSchema): (readonly [why: string, value: unknown])[] {
  const { type, format, pattern, minLength, maxLength, minimum, maximum } = schema;
  const wrong: (readonly [string, unknown])[] = [
    ['wrong type', type === 'string' ? 7 : 'seven'],
    ['null', null],
    ['list', [sampleOf(schema)]],
    ['object', { $ne: '' }],
  ];
  if (format !== undefined) wrong.push(['wrong format', `not a ${format}`]);
  if (pattern !== undefined) wrong.push(['wrong characters', 'a b\u0000']);
  if (schema.enum) wrong.push(['not one of them', 'SOMETHING_ELSE']);
  if (type === 'string' && !schema.enum) {
    if (minLength !== undefined) wrong.push(['too short', 'x'.repeat(minLength - 1)]);
    if (maxLength !== undefined)
      wrong.push([
        'too long',
        format === 'email' ? `${'x'.repeat(maxLength)}@example.com` : 'x'.repeat(maxLength + 1),
      ]);
  }
  if (type === 'integer') wrong.push(['no integer', 1.5]);
  if (minimum !== undefined) wrong.push(['too small', minimum - 1]);
  if (maximum !== undefined) wrong.push(['too great', maximum + 1]);
  return wrong;
}
