import { z } from 'zod';

/** Largest page that any list returns. */
export const MAX_PAGE = 100;

/** Whole numbers as the query of an address writes them, and nothing else that JavaScript reads as a number. */
export const digits = (value: number) =>
  typeof value === 'string' && /^(?:0|[1-9]\d{0,14})$/.test(value) ? Number(value) : value;

/**
 * Query of a list that is read page by page. `cursor` is the `nextCursor` of the page before: opaque, and good for
 * that list only.
 */
export const PageQuery = z.strictObject({
  cursor: z
    .string()
    .regex(/^[\w-]+$/, 'Must be the nextCursor of the page before, unchanged')
    .max(1024)
    .optional(),
  limit: z.preprocess(digits, z.int().min(1).max(MAX_PAGE).default(50)),
});
export type PageQuery = z.output<typeof PageQuery>;

/** One page of a list. `nextCursor` is null on the last page. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
