/** The process that computes password hashes; see `hash-process.ts`. */
import { hash, verify } from '@node-rs/argon2';
import type { HashJob, HashOutcome } from './hash-process.ts';

const outcomeOf = async ({ id, password, against, cost }: HashJob): Promise<HashOutcome> => {
  try {
    return {
      id,
      value: against === undefined ? await hash(password, cost) : await verify(against, password),
    };
  } catch (error) {
    return { id, error };
  }
};

process.on('message', async (job: HashJob) => {
  const outcome = await outcomeOf(job);
  if (process.connected) process.send?.(outcome);
});
// It ends with the process that started it, however that ends; a signal to the whole group is not for it.
process.on('disconnect', () => process.exit());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
