import { expect, test } from '@jest/globals';
import { allPages } from './all-pages.ts';

test('a list of many pages is read to its end, each page once and in order', async () => {
  const rows = Array.from({ length: 512 }, (_, index) => index);
  const asked: (string | undefined)[] = [];
  const { items } = await allPages(async ({ limit, cursor }) => {
    asked.push(cursor);
    const start = Number(cursor ?? 0);
    const end = start + limit;
    return { items: rows.slice(start, end), nextCursor: end < rows.length ? String(end) : null };
  });
  expect(items).toEqual(rows);
  expect(asked).toEqual([undefined, '100', '200', '300', '400', '500']);
});

test('a page that fails fails the list: half of it would look like all of it', async () => {
  const load = async ({ cursor }: { cursor?: string }) => {
    if (cursor) throw new Error('offline');
    return { items: [1], nextCursor: 'more' };
  };
  await expect(allPages(load)).rejects.toThrow('offline');
});
