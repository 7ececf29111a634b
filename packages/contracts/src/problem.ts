import { z } from 'zod';

/** One rejected part of a request. */
export const FieldError = z.object({
  in: z.enum(['params', 'query', 'body', 'headers', 'payload']),
  /** Dotted path of the field, empty when the whole part is meant. */
  field: z.string(),
  message: z.string(),
});
export type FieldError = z.infer<typeof FieldError>;

/** An error as `application/problem+json` (RFC 9457), with a stable `code` and the request's id. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  instance: z.string().optional(),
  requestId: z.string().optional(),
  traceId: z.string().optional(),
  errors: z.array(FieldError).optional(),
  /** Seconds to wait, the same number as the `Retry-After` header. */
  retryAfter: z.int().optional(),
});
export type Problem = z.infer<typeof Problem>;
