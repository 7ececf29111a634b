import type { MAX_PAGE } from '@plinth/contracts';

/** The contracts' constant; its type fails to compile when the two differ. */
const LARGEST_PAGE: typeof MAX_PAGE = 100;

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** A list that is shown whole, however long: follows the cursors to the end. */
export async function allPages<T>(
  load: (query: { limit: number; cursor?: string }) => Promise<Page<T>>,
): Promise<{ readonly items: readonly T[] }> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await load({ limit: LARGEST_PAGE, ...(cursor !== null && { cursor }) });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return { items };
}
