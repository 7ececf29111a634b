import { z } from 'zod';

/** Ids are compared as text in room names, so one spelling must be enough. */
export const Id = z.uuid().toLowerCase();

/** Every moment travels as ISO 8601 in UTC; a handler may return a `Date`. */
export const Timestamp = z
  .union([z.date().transform((date) => date.toISOString()), z.iso.datetime()])
  .pipe(z.iso.datetime());

export const ByOrg = z.strictObject({ orgId: Id });

/** Largest page that any list returns. */
export const MAX_PAGE = 100;

/** Query of a list that is read page by page; `cursor` is the `nextCursor` of the page before. */
export const PageQuery = z.strictObject({
  cursor: Id.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
});
export type PageQuery = z.output<typeof PageQuery>;

/** One page of a list. `nextCursor` is null on the last page. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: Id.nullable() });

/** Text as people type it: trimmed, not empty, without control characters other than newline and tab. */
export const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((value) => value.isWellFormed(), 'contains half of a character')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the purpose
    .regex(/^[^\u0000-\u0008\u000b-\u001f\u007f]*$/, 'contains control characters');
