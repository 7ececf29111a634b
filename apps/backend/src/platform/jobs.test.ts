import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createJobs } from './jobs.ts';

const logger = pino({ level: 'silent' });

test('a job runs again and again, also after a failure, and never beside itself', async () => {
  let runs = 0;
  let atOnce = 0;
  let most = 0;
  const enough = Promise.withResolvers<void>();
  const jobs = createJobs(
    [
      {
        name: 'count',
        everyMs: 1,
        run: async () => {
          runs += 1;
          atOnce += 1;
          most = Math.max(most, atOnce);
          await new Promise(setImmediate);
          atOnce -= 1;
          if (runs === 5) enough.resolve();
          if (runs === 2) throw new Error('once');
        },
      },
    ],
    { logger },
  );
  await enough.promise;
  await jobs.close();
  const after = runs;
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(runs).toBe(after);
  expect(most).toBe(1);
});
