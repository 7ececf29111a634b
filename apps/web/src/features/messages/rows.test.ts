import { describe, expect, test } from '@jest/globals';
import type { Message } from '@plinth/contracts';
import { dayInWords, localDate, rowsOf, untilMidnight } from './rows.ts';

const ada = { id: 'ada', name: 'Ada' };
const bob = { id: 'bob', name: 'Bob' };

let count = 0;
/** A message written at a local time, so that the tests hold in every time zone. */
const at = (day: number, hour: number, minute: number, author = ada): Message => {
  count += 1;
  const createdAt = new Date(2026, 10, day, hour, minute).toISOString();
  return {
    id: `${count}`,
    channelId: 'c',
    seq: count,
    author,
    body: 'text',
    clientId: `${count}`,
    createdAt,
    editedAt: null,
  };
};

/** The rows in short: "day" where one begins, "Ada" where the name is shown, "…" where it is not. */
const shape = (messages: readonly Message[]) =>
  rowsOf(messages, [], bob).map(
    ({ newDay, first, author }) => `${newDay ? 'day ' : ''}${first ? author.name : '…'}`,
  );

describe('the lines of a conversation', () => {
  test('name each new day', () => {
    expect(shape([at(1, 23, 59), at(2, 0, 1), at(2, 0, 2)])).toEqual(['day Ada', 'day Ada', '…']);
  });

  test('show a name once for messages that follow each other closely', () => {
    expect(shape([at(1, 9, 0), at(1, 9, 3), at(1, 9, 4, bob), at(1, 9, 5), at(1, 9, 30)])).toEqual([
      'day Ada',
      '…',
      'Bob',
      'Ada',
      'Ada',
    ]);
  });

  test('end with what is on its way, under the same key as when it is stored', () => {
    const stored = at(1, 9, 0, bob);
    const { clientId, body, createdAt, channelId } = stored;
    const before = rowsOf([], [{ clientId, body, createdAt, channelId, orgId: 'o', order: 1 }], bob);
    expect(
      rowsOf([stored], [{ clientId, body, createdAt, channelId, orgId: 'o', order: 1 }], bob),
    ).toHaveLength(1);
    const after = rowsOf([stored], [], bob);
    expect(before.map(({ key }) => key)).toEqual(after.map(({ key }) => key));
  });

  test('of an empty conversation are none', () => {
    expect(rowsOf([], [], ada)).toEqual([]);
  });
});

describe('a day', () => {
  const today = new Date(2026, 10, 20, 12, 0);

  test.each([
    ['Today', new Date(2026, 10, 20, 0, 0)],
    ['Yesterday', new Date(2026, 10, 19, 23, 59)],
    ['Tuesday 3 November', new Date(2026, 10, 3)],
    ['31 December 2025', new Date(2025, 11, 31)],
  ])('is called %p', (words, date) => {
    expect(dayInWords(date, today).replace(',', '')).toBe(words);
  });
});

test('a day is written as it is where the reader is, and ends there', () => {
  expect(localDate(new Date(2026, 10, 2, 0, 1))).toBe('2026-11-02');
  expect(localDate(new Date(2026, 10, 2, 23, 59))).toBe('2026-11-02');
  expect(untilMidnight(new Date(2026, 10, 2, 23, 59))).toBe(60_000);
});
