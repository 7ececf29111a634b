/**
 * Makes a page of rows that were read with one more than `limit`: the extra one only says that there is a next page.
 * @returns the rows and the cursor of the next page, null on the last
 */
export function toPage<T extends { id: string }>(rows: readonly T[], limit: number) {
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
