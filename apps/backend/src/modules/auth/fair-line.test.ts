import { expect, test } from '@jest/globals';
import { type Claim, createFairLine, type FairLineOptions } from './fair-line.ts';

/** A line whose jobs end one after the other when the test says so, and what has become of them. */
const lineOf = (options: Partial<FairLineOptions> = {}) => {
  const { inTurn } = createFairLine({ atOnce: 1, waiting: 6, ofAccount: 100, ...options });
  const begun: string[] = [];
  const refused: string[] = [];
  const ends: (() => void)[] = [];
  const settle = () => new Promise(setImmediate);
  return {
    begun,
    refused,
    settle,
    async ask(name: string, claim: Claim) {
      inTurn(() => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.push(resolve));
      }, claim).catch(({ code, details }) => {
        refused.push(name);
        expect(['rate_limited', 'request_timeout']).toContain(code);
        if (code === 'rate_limited') expect(details.retryAfterS).toBeGreaterThan(0);
      });
      await settle();
    },
    async endAll() {
      while (ends.length > 0) {
        ends.shift()?.();
        await settle();
      }
    },
  };
};

test('networks take turns: one with many jobs in line holds another up by one job', async () => {
  const line = lineOf();
  for (let n = 0; n < 4; n += 1) await line.ask(`flood ${n}`, { network: 'a' });
  await line.ask('first guest', { network: 'b' });
  await line.ask('second guest', { network: 'b' });
  await line.endAll();
  expect(line.begun).toEqual(['flood 0', 'flood 1', 'first guest', 'flood 2', 'second guest', 'flood 3']);
});

test('a full line still has room for others: whoever has most places loses the last one', async () => {
  const line = lineOf();
  for (let n = 0; n < 10; n += 1) await line.ask(`flood ${n}`, { network: 'a' });
  expect(line.refused).toEqual(['flood 7', 'flood 8', 'flood 9']);
  await line.ask('guest', { network: 'b' });
  expect(line.refused).toContain('flood 6');
  await line.endAll();
  expect(line.begun).toEqual(['flood 0', 'flood 1', 'guest', 'flood 2', 'flood 3', 'flood 4', 'flood 5']);
});

test('when all have the same share, one more is refused, not somebody who waits', async () => {
  const line = lineOf({ waiting: 2 });
  for (const network of ['a', 'a', 'b', 'c']) await line.ask(network, { network });
  expect(line.refused).toEqual(['c']);
  await line.endAll();
  expect(line.begun).toEqual(['a', 'a', 'b']);
});

test('one account has few jobs in it, from wherever they come, and gets its places back', async () => {
  const line = lineOf({ ofAccount: 2 });
  for (let n = 0; n < 4; n += 1) await line.ask(`flood ${n}`, { network: `net ${n}`, account: 'ada' });
  await line.ask('other', { network: 'net 0', account: 'bob' });
  expect(line.refused).toEqual(['flood 2', 'flood 3']);
  await line.endAll();
  await line.ask('again', { account: 'ada' });
  expect(line.begun).toEqual(['flood 0', 'flood 1', 'other', 'again']);
});

test('who hangs up gives the place back, and is not counted as a fault', async () => {
  const line = lineOf({ waiting: 1, ofAccount: 1 });
  const client = new AbortController();
  await line.ask('first', {});
  await line.ask('leaves', { account: 'ada', signal: client.signal });
  client.abort();
  await line.settle();
  await line.ask('next', { account: 'ada' });
  await line.ask('gone before', { signal: AbortSignal.abort() });
  expect(line.refused).toEqual(['leaves', 'gone before']);
  await line.endAll();
  expect(line.begun).toEqual(['first', 'next']);
});
