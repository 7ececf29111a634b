import { describe, expect, test } from '@jest/globals';
import { contracts, type RouteContract, routePath } from '@plinth/contracts';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { z } from 'zod';
import { type FieldSchema, sampleOf, violationsOf } from '../testing/samples.ts';
import type { BoundRoute } from './bind-routes.ts';
import { openApiDocument } from './openapi.ts';
import { errorCodesOf } from './openapi-answers.ts';

type Schema = FieldSchema & { readonly $ref?: string };
interface Answer {
  readonly $ref?: string;
  readonly headers?: Record<string, unknown>;
  readonly content?: Record<string, { schema: { properties?: { code?: { enum?: string[] } } } }>;
}
interface Operation {
  readonly parameters: readonly { name: string; in: 'path' | 'query'; required: boolean; schema: Schema }[];
  readonly requestBody?: { required: boolean; content: Record<string, { schema: Schema }> };
  readonly responses: Record<string, Answer>;
}

const modules = Object.entries(contracts).map(([name, contract]) => ({
  name,
  routes: Object.entries(contract as Record<string, RouteContract>).map(
    ([route, declared]): BoundRoute => ({
      kind: 'contract',
      name: route,
      contract: declared,
      handle: () => undefined,
    }),
  ),
}));
// As it is served: what JSON cannot say is lost here as it is there.
const document = JSON.parse(JSON.stringify(openApiDocument(modules, { version: '1.0.0' }))) as {
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, Answer>; headers: Record<string, unknown> };
};
const routes = Object.values(contracts).flatMap((contract) =>
  Object.entries(contract as Record<string, RouteContract>),
);
function operationOf(route: RouteContract): Operation {
  const found = document.paths[routePath(route).replaceAll(/:(\w+)/g, '{$1}')]?.[route.method];
  if (!found) throw new Error(`${route.method} ${route.path} is not described.`);
  return found;
}
const answerOf = (operation: Operation, status: number | 'default'): Answer | undefined => {
  const name = operation.responses[status]?.$ref?.split('/').at(-1);
  return name === undefined ? operation.responses[status] : document.components.responses[name];
};

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
  // The check can fail.
  expect((await new Validator().validate({ ...document, paths: { bad: 1 } })).valid).toBe(false);
});

test('every reference leads somewhere', () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(references.length).toBeGreaterThan(50);
  for (const path of new Set(references)) {
    const found = path
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document);
    expect([path, typeof found]).toEqual([path, 'object']);
  }
});

/** The fields of an input as the contract declares them and as the document describes them. */
const fields = routes.flatMap(([name, route]) =>
  (['params', 'query', 'body'] as const).flatMap((part) =>
    Object.entries(route[part]?.shape ?? {}).map(([field, declared]) => {
      const operation = operationOf(route);
      const body = operation.requestBody?.content['application/json']?.schema;
      const parameter = operation.parameters.find(
        (one) => one.name === field && one.in === (part === 'params' ? 'path' : 'query'),
      );
      return {
        where: `${name} ${part}.${field}`,
        declared: declared as z.ZodType,
        described: part === 'body' ? body?.properties?.[field] : parameter?.schema,
        required: part === 'body' ? (body?.required ?? []).includes(field) : parameter?.required,
      };
    }),
  ),
);

describe('each field of each input', () => {
  test('is described, and required exactly where the contract refuses to miss it', () => {
    expect(fields.length).toBeGreaterThan(40);
    for (const { where, declared, described, required } of fields) {
      expect([where, described?.type]).toEqual([where, expect.any(String)]);
      expect([where, required]).toEqual([where, !declared.safeParse(undefined).success]);
      const whenMissing: unknown = declared.safeParse(undefined).data;
      expect([where, described?.default]).toEqual([where, whenMissing]);
    }
  });

  test('is bounded: text in length or by its format, numbers on both sides', () => {
    for (const { where, described = {} } of fields) {
      const { type, format, maxLength, minimum, maximum } = described;
      const bounded =
        type === 'string'
          ? maxLength !== undefined || format === 'uuid' || described.enum !== undefined
          : minimum !== undefined && maximum !== undefined;
      expect([where, bounded]).toEqual([where, true]);
    }
  });

  test('accepts what the description allows and refuses what it forbids', () => {
    for (const { where, declared, described = {} } of fields) {
      expect([where, declared.safeParse(sampleOf(described)).success]).toEqual([where, true]);
      for (const one of described.enum ?? [])
        expect([where, one, declared.safeParse(one).success]).toEqual([where, one, true]);
      for (const [why, value] of violationsOf(described))
        expect([where, why, declared.safeParse(value).success]).toEqual([where, why, false]);
    }
  });

  test('has in its description the very limits of the contract', () => {
    for (const { where, declared, described = {} } of fields) {
      const { type, minLength = 0, maxLength, minimum, maximum, format } = described;
      const accepts = (value: unknown) => [where, value, declared.safeParse(value).success];
      if (type === 'string' && format === undefined && !described.enum && maxLength !== undefined)
        for (const length of [Math.max(1, minLength), maxLength]) {
          const value = 'x'.repeat(length);
          expect(accepts(value)).toEqual([where, value, true]);
        }
      for (const value of [minimum, maximum])
        if (value !== undefined) expect(accepts(value)).toEqual([where, value, true]);
    }
  });
});

describe('each route', () => {
  test('needs a body exactly when it does not do without', () => {
    const needed = routes.flatMap(([name, route]) =>
      route.body ? [[name, operationOf(route).requestBody?.required] as const] : [],
    );
    expect(Object.fromEntries(needed)).toMatchObject({ refresh: false, logout: false, login: true });
    for (const [name, route] of routes)
      expect([name, operationOf(route).requestBody?.required]).toEqual([
        name,
        route.body && !route.body.safeParse({}).success,
      ]);
  });

  test('lists each of its refusals as a problem with its codes and headers', () => {
    for (const [name, route] of routes) {
      const operation = operationOf(route);
      const listed = Object.keys(operation.responses).flatMap((status) =>
        status === 'default' || Number(status) < 400
          ? []
          : (answerOf(operation, Number(status))?.content?.['application/problem+json']?.schema.properties
              ?.code?.enum ?? []),
      );
      expect([name, listed.sort()]).toEqual([name, [...errorCodesOf(route)].sort()]);
      for (const status of Object.keys(operation.responses)) {
        const headers = Object.keys(answerOf(operation, status as 'default')?.headers ?? {});
        expect([name, status, headers]).toEqual([name, status, expect.arrayContaining(['X-Request-ID'])]);
        // Refusals are counted everywhere.
        const counted = status === 'default' || Number(status) >= 400 || route.limit !== 'none';
        expect([name, status, headers.includes('RateLimit')]).toEqual([name, status, counted]);
      }
    }
  });

  test.each([
    ['login', [200, 400, 401, 413, 415, 429, 503]],
    ['refresh', [200, 400, 401, 403, 413, 415, 429, 503]],
    ['createChannel', [201, 400, 401, 403, 404, 409, 413, 415, 429, 503]],
    ['listMembers', [200, 400, 401, 404, 429, 503]],
    ['health', [200, 400]],
  ])('%s answers %j', (name, statuses) => {
    const [, route] = routes.find(([one]) => one === name) ?? [];
    if (!route) throw new Error(`There is no route ${name}.`);
    expect(Object.keys(operationOf(route).responses)).toEqual([...statuses.map(String), 'default']);
  });

  test('says when to come back and how to sign in', () => {
    const [, route] = routes.find(([name]) => name === 'createChannel') ?? [];
    if (!route) throw new Error('There is no route createChannel.');
    const operation = operationOf(route);
    expect(answerOf(operation, 429)?.headers).toHaveProperty('Retry-After');
    expect(answerOf(operation, 503)?.headers).toHaveProperty('Retry-After');
    expect(answerOf(operation, 401)?.headers).toHaveProperty('WWW-Authenticate');
    expect(answerOf(operation, 409)?.headers).not.toHaveProperty('Retry-After');
  });
});
