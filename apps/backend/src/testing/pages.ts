import type { Page } from '@plinth/contracts';

/** Reads a list to its end as a client does, and gives its pages. */
export async function pagesOf<T>(load: (cursor?: string) => Promise<Page<T>>): Promise<Page<T>[]> {
  const pages: Page<T>[] = [];
  let cursor: string | undefined;
  do {
    const page = await load(cursor);
    pages.push(page);
    cursor = page.nextCursor ?? undefined;
    if (pages.length > 1000) throw new Error('The list does not end.');
  } while (cursor !== undefined);
  return pages;
}
