import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createExclusive, newId } from './secure-context.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

describe('an id', () => {
  test('is a UUID of version 4 and never the same twice', () => {
    const ids = Array.from({ length: 1000 }, newId);
    for (const id of ids)
      expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('is made without what only secure contexts have', () => {
    const randomUUID = jest.spyOn(crypto, 'randomUUID');
    newId();
    expect(randomUUID).not.toHaveBeenCalled();
  });
});

describe('where there are no locks, one tab', () => {
  test('still runs one task after the other, also after one that failed', async () => {
    jest.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as unknown as LockManager);
    const exclusively = createExclusive('test');
    const events: string[] = [];
    const task =
      (name: string, fails = false) =>
      async () => {
        events.push(`${name} begins`);
        await Promise.resolve();
        events.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };
    const results = await Promise.allSettled([
      exclusively(task('a')),
      exclusively(task('b', true)),
      exclusively(task('c')),
    ]);
    expect(events).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
