import { CSRF_HEADER, Problem, type RouteContract, routePath } from '@plinth/contracts';
import { z } from 'zod';
import type { BoundRoute } from './bind-routes.ts';
import { HEADERS, headersFor, sessionHeaders, sharedAnswers } from './openapi-answers.ts';

type JsonSchema = Record<string, unknown>;

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
  });
  return rest;
}

const describeAccess = (access: RouteContract['access']): string => {
  if (access === 'public') return 'Anyone.';
  if (access === 'authenticated') return 'Any signed-in user.';
  if ('roles' in access) return `Platform roles: ${access.roles.join(', ')}.`;
  return `Organisation roles: ${access.orgRoles.join(', ')}.`;
};

function parameters(schema: z.ZodObject | undefined, where: 'path' | 'query') {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }));
}

/** Not required: who sends the refresh token in the body needs none. */
const CSRF_PARAMETER = {
  name: CSRF_HEADER,
  in: 'header',
  required: false,
  description:
    'Browsers, whose refresh token is in a cookie: the value of the CSRF cookie, whose name /auth/browser-cookies tells.',
  schema: { type: 'string' },
};

/** A body that may be left out is one whose every field may: the server reads a missing body as `{}`. */
const requestBody = (schema: z.ZodObject) => ({
  required: !schema.safeParse({}).success,
  content: { 'application/json': { schema: jsonSchema(schema, 'input') } },
});

function operation(tag: string, name: string, route: RouteContract, errors: Record<string, unknown>) {
  const headers = { ...headersFor(route.limit ?? 'general'), ...sessionHeaders(route) };
  const takesCookies = route.session === 'renews' || route.session === 'ends';
  return {
    operationId: name,
    tags: [tag],
    summary: route.summary,
    description: describeAccess(route.access),
    ...(route.access !== 'public' && { security: [{ bearer: [] }] }),
    parameters: [
      ...parameters(route.params, 'path'),
      ...parameters(route.query, 'query'),
      ...(takesCookies ? [CSRF_PARAMETER] : []),
    ],
    ...(route.body && { requestBody: requestBody(route.body) }),
    responses: {
      [route.status]:
        route.status === 204
          ? { description: 'Done', headers }
          : {
              description: 'Success',
              headers,
              content: { 'application/json': { schema: jsonSchema(route.reply, 'output') } },
            },
      ...errors,
    },
  };
}

/** The OpenAPI 3.1 description of these modules' routes, made from the same contracts that validate and type them. */
export function openApiDocument(
  modules: readonly { name: string; routes?: readonly BoundRoute[] }[],
  info: { version: string },
) {
  const answers = sharedAnswers();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const module of modules) {
    for (const route of module.routes ?? []) {
      if (route.kind !== 'contract') continue;
      const path = routePath(route.contract).replaceAll(/:(\w+)/g, '{$1}');
      paths[path] = {
        ...paths[path],
        [route.contract.method]: operation(
          module.name,
          route.name,
          route.contract,
          answers.errorsOf(route.contract),
        ),
      };
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Plinth API',
      version: info.version,
      description:
        'Team chat: organisations, channels, messages. Fields and parameters that are not described are refused; a method that an address does not know is answered with 405 and Allow.',
    },
    tags: modules.filter((module) => module.routes?.length).map(({ name }) => ({ name })),
    paths,
    components: {
      schemas: { Problem: jsonSchema(Problem, 'output') },
      headers: HEADERS,
      responses: answers.responses,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}
