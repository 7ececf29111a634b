import type { RouteContract } from '@plinth/contracts';
import type { Request } from 'express';
import { z } from 'zod';
import { AppError } from '../platform/errors.ts';
import { type FieldErrors, toFieldErrors } from '../platform/field-errors.ts';

/** Of a route without a query: any parameter is unknown. */
const NOTHING = z.strictObject({});

/**
 * Parses what the contract declares and refuses what it does not.
 * @param body the JSON value that was sent; undefined when there was none
 * @throws AppError invalid_input with every rejected field at once
 */
export function parseInput(
  route: Pick<RouteContract, 'params' | 'query' | 'body'>,
  req: Request,
  body?: unknown,
) {
  const errors: FieldErrors = [];
  const parse = (part: FieldErrors[number]['in'], schema: z.ZodType | undefined, value: unknown): unknown => {
    if (!schema) return undefined;
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    errors.push(...toFieldErrors(part, result.error));
    return undefined;
  };
  if (route.body && body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body)))
    errors.push({ in: 'body', field: '', message: 'Must be an object' });
  const input = {
    params: parse('params', route.params, req.params),
    // Reading `req.query` parses the address once more, so it is only done where there is something to read.
    query:
      route.query || req.url.includes('?') ? parse('query', route.query ?? NOTHING, req.query) : undefined,
    body: errors.length > 0 ? undefined : parse('body', route.body, body ?? {}),
  };
  if (errors.length > 0) {
    const fields = [...new Set(errors.map(({ field, in: part }) => field || part))].join(', ');
    throw new AppError('invalid_input', `These fields are not valid: ${fields}.`, { errors });
  }
  return input;
}
