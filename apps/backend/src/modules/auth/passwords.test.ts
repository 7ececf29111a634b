import { expect, test } from '@jest/globals';
import { createPasswordHasher } from './passwords.ts';

test('a password is hashed with argon2id at the cost OWASP asks for', async () => {
  const hasher = createPasswordHasher({ hashesAtOnce: 2, hashesWaiting: 10 });
  const hash = await hasher.hash('correct horse battery staple');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await hasher.verify(hash, 'correct horse battery staple')).toBe(true);
  expect(await hasher.verify(hash, 'correct horse battery stapl')).toBe(false);
  expect(await hasher.verify(hash, 'Correct horse battery staple')).toBe(false);
});

test('without an account the answer is no, and it costs a hash all the same', async () => {
  const hasher = createPasswordHasher({ hashesAtOnce: 1, hashesWaiting: 0 });
  expect(await hasher.verify(undefined, 'anything')).toBe(false);
  const answer = hasher.verify(undefined, 'anything');
  await new Promise(setImmediate);
  await expect(hasher.hash('somebody else')).rejects.toMatchObject({ code: 'unavailable' });
  expect(await answer).toBe(false);
});

test('a flood of sign-ins is bounded: who does not fit in line is turned away at once', async () => {
  const hasher = createPasswordHasher({ hashesAtOnce: 1, hashesWaiting: 2 });
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => hasher.hash('password')));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused).toHaveLength(2);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'unavailable' });
  expect(await hasher.hash('again')).toContain('argon2id');
});
