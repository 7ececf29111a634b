import { Problem, type RouteContract, routePath } from '@plinth/contracts';
import { z } from 'zod';
import type { BoundRoute } from './bind-routes.ts';

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

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

function operation(tag: string, name: string, route: RouteContract) {
  const secured = route.access !== 'public';
  return {
    operationId: name,
    tags: [tag],
    summary: route.summary,
    description: describeAccess(route.access),
    ...(secured && { security: [{ bearer: [] }] }),
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(route.body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: jsonSchema(route.body, 'input') } },
      },
    }),
    responses: {
      [route.status]:
        route.status === 204
          ? { description: 'Done' }
          : {
              description: 'Success',
              content: { 'application/json': { schema: jsonSchema(route.reply, 'output') } },
            },
      ...(secured && { 401: problem('Not signed in') }),
      ...(secured && route.access !== 'authenticated' && { 403: problem('Not allowed') }),
      ...(route.limit !== 'none' && { 429: problem('Too many requests') }),
      default: problem('Any other error'),
    },
  };
}

/** The OpenAPI 3.1 description of these modules' routes, made from the same contracts that validate and type them. */
export function openApiDocument(
  modules: readonly { name: string; routes?: readonly BoundRoute[] }[],
  info: { version: string },
) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const module of modules) {
    for (const route of module.routes ?? []) {
      if (route.kind !== 'contract') continue;
      const path = routePath(route.contract).replaceAll(/:(\w+)/g, '{$1}');
      paths[path] = {
        ...paths[path],
        [route.contract.method]: operation(module.name, route.name, route.contract),
      };
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Plinth API',
      version: info.version,
      description: 'Team chat: organisations, channels, messages.',
    },
    tags: modules.filter((module) => module.routes?.length).map(({ name }) => ({ name })),
    paths,
    components: {
      schemas: { Problem: jsonSchema(Problem, 'output') },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}
