import type { PageQuery } from '@plinth/contracts';
import { z } from 'zod';
import { AppError } from './errors.ts';

/** Columns that a list is sorted by, as they travel in a cursor. Only what PostgreSQL takes passes. */
export const sortKey = {
  id: z.uuid(),
  /** Sequence numbers and the like. */
  number: z.int().min(0),
  text: z.string().refine((value) => value.isWellFormed() && !value.includes('\0')),
  /** A `timestamptz(3)`: exact in milliseconds. */
  time: z
    .int()
    .min(0)
    .max(Date.UTC(9999, 11, 31))
    .transform((ms) => new Date(ms)),
};

type Columns = [z.ZodType, ...z.ZodType[]];

const REMEDY = 'Must be the nextCursor of the page before: of the same list, and unchanged';
const foreign = (cause?: unknown): AppError =>
  new AppError('invalid_input', 'These fields are not valid: cursor.', {
    errors: [{ in: 'query', field: 'cursor', message: REMEDY }],
    cause,
  });

/**
 * Paging by keyset: a cursor is the sort key of the last row, so it costs the same on every page and holds while rows
 * are added and removed. It is no permission: the query behind it stays inside the tenant by itself.
 *
 * @param list name of the list: a cursor of another one is refused
 * @param columns every column of the order, together unique, so that equal values neither repeat nor get lost
 */
export function keyset<const C extends Columns>(list: string, ...columns: C) {
  const Key = z.tuple(columns);

  const read = (cursor: string, scope: string) => {
    let content: unknown;
    try {
      content = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    } catch (error) {
      throw foreign(error);
    }
    if (!Array.isArray(content) || content[0] !== list || content[1] !== scope) throw foreign();
    const key = Key.safeParse(content.slice(2));
    if (!key.success) throw foreign(key.error);
    return key.data;
  };

  return {
    /**
     * One page that was asked for.
     * @param scope whose list it is, such as the organisation's id
     * @throws AppError invalid_input for what is no cursor of this list
     */
    open({ cursor, limit }: PageQuery, scope: string) {
      return {
        /** Sort key of the row before this page, column by column; empty on the first page. */
        after: (cursor === undefined ? [] : read(cursor, scope)) as Partial<z.output<typeof Key>>,
        /** How many rows to read: one more than are shown, which only says that there is a next page. */
        take: limit + 1,
        /** The reply: rows as they were read, at most {@link take}, and the cursor of the page after them. */
        of<T>(rows: readonly T[], keyOf: (row: T) => z.input<typeof Key>) {
          const items = rows.slice(0, limit);
          const last = rows.length > limit ? items.at(-1) : undefined;
          const nextCursor =
            last === undefined
              ? null
              : Buffer.from(JSON.stringify([list, scope, ...(keyOf(last) as unknown[])])).toString(
                  'base64url',
                );
          return { items, nextCursor };
        },
      };
    },
  };
}
