import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createCountBatch } from './count-batch.ts';

const EVERY_MS = 200;

/** The count that instances share, with a record of who told it what. */
function sharedCount() {
  let total = 0;
  const told: number[] = [];
  const resetTime = new Date(Date.now() + 60_000);
  return {
    told,
    total: () => total,
    count: async (_key: string, hits: number) => {
      total += hits;
      told.push(hits);
      return { totalHits: total, resetTime };
    },
  };
}

afterEach(() => {
  jest.useRealTimers();
});

describe('counting on credit', () => {
  test('a busy client is asked for once, and told about in one sum', async () => {
    jest.useFakeTimers();
    const shared = sharedCount();
    const batch = createCountBatch({ limit: 1000, everyMs: EVERY_MS }, shared.count);
    const totals = [];
    for (let n = 0; n < 50; n += 1) totals.push((await batch.count('ada')).totalHits);
    expect(totals).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    expect(shared.told).toEqual([1]);
    await jest.advanceTimersByTimeAsync(EVERY_MS);
    expect(shared.told).toEqual([1, 49]);
    batch.close();
  });

  test('a quiet client is forgotten, so that its next request learns what other instances counted', async () => {
    jest.useFakeTimers();
    const shared = sharedCount();
    const batch = createCountBatch({ limit: 1000, everyMs: EVERY_MS }, shared.count);
    await batch.count('ada');
    await jest.advanceTimersByTimeAsync(EVERY_MS);
    await shared.count('ada', 100);
    expect((await batch.count('ada')).totalHits).toBe(102);
    batch.close();
  });

  test('one instance takes no more than a tenth of what is left before it asks again', async () => {
    const shared = sharedCount();
    const batch = createCountBatch({ limit: 101, everyMs: EVERY_MS }, shared.count);
    for (let n = 0; n < 12; n += 1) await batch.count('ada');
    expect(shared.told).toEqual([1, 11]);
    batch.close();
  });

  test('the end of a budget is exact, however many instances share it', async () => {
    const shared = sharedCount();
    const instances = [1, 2, 3].map(() => createCountBatch({ limit: 10, everyMs: EVERY_MS }, shared.count));
    const totals = [];
    for (let n = 0; n < 12; n += 1) totals.push((await instances[n % 3]?.count('ada'))?.totalHits);
    expect(totals).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    for (const instance of instances) instance.close();
  });

  test('a burst gets no more on credit while an answer is on its way', async () => {
    const shared = sharedCount();
    const answers: (() => void)[] = [];
    const batch = createCountBatch({ limit: 100, everyMs: EVERY_MS }, async (key, hits) => {
      const counted = await shared.count(key, hits);
      if (shared.told.length > 1) await new Promise<void>((resolve) => answers.push(resolve));
      return counted;
    });
    await batch.count('ada');
    const burst = Array.from({ length: 300 }, () => batch.count('ada'));
    await new Promise(setImmediate);
    for (const answer of answers.splice(0)) answer();
    const allowed = (await Promise.all(burst)).filter(({ totalHits }) => totalHits <= 100);
    expect(allowed).toHaveLength(99);
    batch.close();
  });

  test('who has used up a budget costs no more round trips until it is whole again', async () => {
    jest.useFakeTimers();
    const shared = sharedCount();
    const batch = createCountBatch({ limit: 10, everyMs: EVERY_MS }, shared.count);
    for (let n = 0; n < 5000; n += 1) await batch.count('ada');
    expect(shared.told).toHaveLength(11);
    await jest.advanceTimersByTimeAsync(EVERY_MS);
    expect(shared.total()).toBe(5000);
    batch.close();
  });

  test('when the shared count fails, the next request meets the failure and nothing is counted on credit', async () => {
    jest.useFakeTimers();
    const shared = sharedCount();
    let broken = false;
    const batch = createCountBatch({ limit: 1000, everyMs: EVERY_MS }, (key, hits) =>
      broken ? Promise.reject(new Error('away')) : shared.count(key, hits),
    );
    await batch.count('ada');
    await batch.count('ada');
    broken = true;
    await jest.advanceTimersByTimeAsync(EVERY_MS);
    await expect(batch.count('ada')).rejects.toThrow('away');
    batch.close();
  });
});
