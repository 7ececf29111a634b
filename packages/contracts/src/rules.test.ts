import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { RouteContract } from './contract.ts';
import type { EventContract } from './events.ts';
import { clientEvents, contracts } from './index.ts';
import { MAX_PAGE } from './paging.ts';

// Rules that every contract keeps, also one that is added tomorrow.

type Schema = z.core.$ZodType;
type Leaf = readonly [where: string, schema: Schema];

/** Everything in an input that is no container: each field with the path to it. */
function* leavesOf(schema: Schema, where: string): Generator<Leaf> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      for (const [name, field] of Object.entries(def.shape)) yield* leavesOf(field, `${where}.${name}`);
      break;
    case 'array':
      yield* leavesOf(def.element, `${where}[]`);
      break;
    case 'record':
      yield* leavesOf(def.keyType, `${where}{key}`);
      yield* leavesOf(def.valueType, `${where}{}`);
      break;
    case 'union':
      for (const option of def.options) yield* leavesOf(option, where);
      break;
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nullable':
    case 'readonly':
      yield* leavesOf(def.innerType, where);
      break;
    case 'pipe':
      yield* leavesOf(def.in._zod.def.type === 'transform' ? def.out : def.in, where);
      break;
    default:
      yield [where, schema];
  }
}

const routes: readonly (readonly [string, RouteContract])[] = Object.values(contracts).flatMap((contract) =>
  Object.entries(contract),
);
/** Of this type also where a fork has taken every event out. */
const events: EventContract['client'] = clientEvents;
const inputs: Leaf[] = [
  ...routes.flatMap(([name, { params, query, body }]) =>
    Object.entries({ params, query, body }).flatMap(([part, schema]) =>
      schema ? [...leavesOf(schema, `${name} ${part}`)] : [],
    ),
  ),
  ...Object.entries(events).flatMap(([name, { payload }]) => [...leavesOf(payload, `${name} payload`)]),
];
const strings = inputs.filter(([, schema]) => schema._zod.def.type === 'string');
/** Passwords are compared, never shown, and have a rule of their own. */
const typed = strings.filter(([where]) => !/password$/i.test(where));

const accepts = (schema: Schema, value: unknown): boolean => z.safeParse(schema, value).success;

describe('every field of every route and event', () => {
  test('is of a type that says what it takes', () => {
    expect(inputs.length).toBeGreaterThan(20);
    expect(strings.length).toBeGreaterThan(10);
    const vague = inputs.filter(([, { _zod }]) =>
      ['any', 'unknown', 'custom', 'transform'].includes(_zod.def.type),
    );
    expect(vague.map(([where]) => where)).toEqual([]);
  });

  test.each(strings)('%s has a greatest length', (_where, schema) => {
    for (const letter of ['a', '1', 'a-'])
      expect(accepts(schema, letter.repeat(100_000 / letter.length))).toBe(false);
  });

  test.each(typed)('%s refuses what is no text', (_where, schema) => {
    for (const value of ['a\ud800', '\udc00a', 'a\u0000b', 'a\u001bb', 'a\u009fb']) {
      expect([value, accepts(schema, value)]).toEqual([value, false]);
    }
  });

  test.each(typed)('%s refuses what nobody can see', (_where, schema) => {
    for (const value of ['', ' ', '\u3164', '\u2800', '\u200b', '\u00ad', '\u0301', '\u{e0041}']) {
      expect([value, accepts(schema, value)]).toEqual([value, false]);
    }
  });

  test.each(typed)('%s takes text in one form only', (_where, schema) => {
    for (const value of ['cafe\u0301', 'one\r\ntwo', 'one\rtwo', ' padded\u3000']) {
      const { data, success } = z.safeParse(schema, value);
      if (!success) continue;
      expect(data).toBe(String(data).normalize('NFC').trim());
      expect(data).not.toMatch(/\r/);
    }
  });

  test.each(typed)('%s counts as its description in OpenAPI does: in code points', (_where, schema) => {
    const { maxLength } = z.toJSONSchema(schema, { io: 'input' }) as { maxLength?: number };
    if (maxLength === undefined) return expect(accepts(schema, 'x')).toBe(false);
    const { error } = z.safeParse(schema, '😀'.repeat(maxLength));
    expect(error?.issues.some(({ code }) => code === 'too_big') ?? false).toBe(false);
  });
});

const shapeOf = (schema: Schema | undefined): Readonly<Record<string, Schema>> =>
  schema instanceof z.ZodObject ? schema.shape : {};

const hasList = (schema: Schema): boolean =>
  schema instanceof z.ZodArray || Object.values(shapeOf(schema)).some((field) => field instanceof z.ZodArray);

describe('a route that answers with a list', () => {
  const lists = routes.filter(([name, { reply }]) => name.startsWith('list') || hasList(reply));

  test('exists', () => {
    expect(lists.length).toBeGreaterThan(2);
  });

  test.each(lists)('%s says whether there is more and takes the place to go on from', (_name, route) => {
    const query = Object.keys(shapeOf(route.query));
    const reply = Object.keys(shapeOf(route.reply));
    expect(query).toContain('limit');
    const byCursor = query.includes('cursor') && reply.includes('nextCursor');
    const bySequence = query.includes('after') && reply.includes('hasMore');
    expect([query, reply, byCursor || bySequence]).toEqual([query, reply, true]);
  });

  test.each(lists)(
    '%s takes whole numbers from 1 to its maximum as limit, written in digits',
    (_name, route) => {
      const limit = (value: unknown) =>
        route.query?.safeParse({ limit: value, after: '0' }).error?.issues ?? [];
      const named = (value: unknown) => limit(value).some(({ path }) => path[0] === 'limit');
      for (const good of ['1', '7', String(MAX_PAGE)]) expect([good, named(good)]).toEqual([good, false]);
      const bad = [
        '0',
        String(MAX_PAGE + 1),
        '-1',
        '+5',
        '1e1',
        '0x10',
        '1.5',
        ' 5',
        '5 ',
        '05',
        '',
        '٥',
        'ten',
      ];
      for (const value of [...bad, ['1', '2'], null]) expect([value, named(value)]).toEqual([value, true]);
    },
  );
});
