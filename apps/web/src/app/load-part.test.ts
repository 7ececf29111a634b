import { beforeEach, describe, expect, test } from '@jest/globals';
import { createParts, PartMissingError } from './load-part.ts';

const gone = () => Promise.reject(new TypeError('Failed to fetch dynamically imported module'));

let served: string | undefined;
let remembered: string | undefined;
let reloads: number;
const open = () =>
  createParts({
    servedEntry: async () => {
      if (served === undefined) throw new Error('unreachable');
      return served;
    },
    reload: () => {
      reloads += 1;
    },
    reloadedFor: {
      get: () => remembered,
      set: (entry) => {
        remembered = entry;
      },
    },
  });
const settled = async (promise: Promise<unknown>) => {
  let outcome: unknown = 'pending';
  promise.then(
    (value) => {
      outcome = value;
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  return outcome;
};

beforeEach(() => {
  served = '/assets/index-2.js';
  remembered = undefined;
  reloads = 0;
});

describe('a part that is gone after a deployment', () => {
  test('loads the page again, once for each version, and says so', async () => {
    const before = open();
    expect(await settled(before.loadPart(gone))).toBe('pending');
    expect([before.state(), reloads]).toEqual(['reloading', 1]);

    const after = open();
    expect(await settled(after.loadPart(gone))).toBeInstanceOf(PartMissingError);
    expect([after.state(), reloads]).toEqual(['broken', 1]);

    served = '/assets/index-3.js';
    expect(await settled(open().loadPart(gone))).toBe('pending');
    expect(reloads).toBe(2);
  });

  test('that is there after loading again leaves nothing behind', async () => {
    await settled(open().loadPart(gone));
    expect(await open().loadPart(async () => 'part')).toBe('part');
    expect(remembered).toBeUndefined();
  });
});

test('without a connection nothing is loaded again, and the next attempt may succeed', async () => {
  served = undefined;
  const parts = open();
  expect(await settled(parts.loadPart(gone))).toBeInstanceOf(TypeError);
  expect([parts.state(), reloads]).toEqual(['fine', 0]);
  expect(await parts.loadPart(async () => 'part')).toBe('part');
});
