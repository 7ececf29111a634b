import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { OWASP_HASH_KIB } from '../../config/variables.ts';
import { NICE } from './hash-process.ts';
import { createPasswordHasher, type PasswordHasher, type PasswordOptions } from './passwords.ts';

const open: PasswordHasher[] = [];
afterEach(async () => {
  for (const hasher of open.splice(0)) await hasher.close();
});
const hasherOf = (options: Omit<PasswordOptions, 'memoryKib'>) => {
  const hasher = createPasswordHasher({ memoryKib: OWASP_HASH_KIB, ...options });
  open.push(hasher);
  return hasher;
};

test('a password is hashed with argon2id at the cost OWASP asks for', async () => {
  const hasher = hasherOf({ hashesAtOnce: 2, hashesWaiting: 10 });
  const hash = await hasher.hash('correct horse battery staple');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await hasher.verify(hash, 'correct horse battery staple')).toBe(true);
  expect(await hasher.verify(hash, 'correct horse battery stapl')).toBe(false);
  expect(await hasher.verify(hash, 'Correct horse battery staple')).toBe(false);
});

test('without an account the answer is no, and it costs a hash all the same', async () => {
  const hasher = hasherOf({ hashesAtOnce: 1, hashesWaiting: 0 });
  expect(await hasher.verify(undefined, 'anything')).toBe(false);
  const answer = hasher.verify(undefined, 'anything');
  await new Promise(setImmediate);
  await expect(hasher.hash('somebody else')).rejects.toMatchObject({ code: 'rate_limited' });
  expect(await answer).toBe(false);
});

test('a flood of sign-ins is bounded: who does not fit in line is turned away at once', async () => {
  const hasher = hasherOf({ hashesAtOnce: 1, hashesWaiting: 2 });
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => hasher.hash('password')));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused).toHaveLength(2);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'rate_limited' });
  expect(await hasher.hash('again')).toContain('argon2id');
});

/** Processes that this one has started, and their nice values (proc(5), `stat`). */
const children = (): { pid: number; nice: number }[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
        return Number(fields[1]) === process.pid ? [{ pid: Number(name), nice: Number(fields[16]) }] : [];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });

test('hashes are computed by one process of low priority, which ends with the hasher', async () => {
  const hasher = hasherOf({ hashesAtOnce: 2, hashesWaiting: 10 });
  expect(children()).toEqual([]);
  await Promise.all(Array.from({ length: 6 }, () => hasher.hash('password')));
  expect(children()).toEqual([{ pid: expect.any(Number), nice: NICE }]);
  await hasher.close();
  expect(children()).toEqual([]);
});

test('when that process dies, what it was computing fails, and the next hash gets a new one', async () => {
  const hasher = hasherOf({ hashesAtOnce: 1, hashesWaiting: 10 });
  const hash = await hasher.hash('password');
  const outcomes = Promise.allSettled(Array.from({ length: 3 }, () => hasher.verify(hash, 'password')));
  const [child] = children();
  process.kill(child?.pid ?? 0, 'SIGKILL');
  expect((await outcomes).some(({ status }) => status === 'rejected')).toBe(true);
  expect(await hasher.verify(hash, 'password')).toBe(true);
});

test('when that process hangs, it is killed after a while, and the next hash gets a new one', async () => {
  const hasher = hasherOf({ hashesAtOnce: 2, hashesWaiting: 10, hashTimeoutMs: 3000 });
  const hash = await hasher.hash('password');
  const [hung] = children();
  process.kill(hung?.pid ?? 0, 'SIGSTOP');
  const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => hasher.verify(hash, 'password')));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  // Those under way; who waited in line is served by the new process.
  expect(refused).toHaveLength(2);
  for (const { reason } of refused)
    expect(reason).toMatchObject({ code: 'unavailable', details: { retryAfterS: expect.any(Number) } });
  expect(await hasher.verify(hash, 'password')).toBe(true);
  expect(children().map(({ pid }) => pid)).not.toContain(hung?.pid);
});
