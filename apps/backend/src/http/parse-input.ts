import type { IncomingMessage } from 'node:http';
import type { RouteContract } from '@plinth/contracts';
import type { Request } from 'express';
import { z } from 'zod';
import { AppError } from '../platform/errors.ts';
import { type FieldErrors, toFieldErrors } from '../platform/field-errors.ts';

/** Whether the body is declared to be JSON. */
export const isJson = (req: IncomingMessage): boolean =>
  /^application\/(?:[\w.-]+\+)?json\b/i.test(req.headers['content-type'] ?? '');
const hasBody = (req: Request): boolean =>
  req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;

/** Of a route without a query: any parameter is unknown. */
const NOTHING = z.strictObject({});

/**
 * Parses what the contract declares and refuses what it does not.
 * @throws AppError unsupported_media_type, or invalid_input with every rejected field at once
 */
export function parseInput(route: RouteContract, req: Request) {
  const errors: FieldErrors = [];
  const parse = (part: FieldErrors[number]['in'], schema: z.ZodType | undefined, value: unknown): unknown => {
    if (!schema) return undefined;
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    errors.push(...toFieldErrors(part, result.error));
    return undefined;
  };
  if (route.body && hasBody(req) && !isJson(req)) {
    throw new AppError(
      'unsupported_media_type',
      'Send the body as JSON with "Content-Type: application/json".',
    );
  }
  const input = {
    params: parse('params', route.params, req.params),
    // Reading `req.query` parses the address once more, so it is only done where there is something to read.
    query:
      route.query || req.url.includes('?') ? parse('query', route.query ?? NOTHING, req.query) : undefined,
    body: parse('body', route.body, req.body ?? {}),
  };
  if (errors.length > 0) {
    const fields = [...new Set(errors.map(({ field, in: part }) => field || part))].join(', ');
    throw new AppError('invalid_input', `These fields are not as they should be: ${fields}.`, { errors });
  }
  return input;
}
