/** One thread that computes password hashes; see `hash-pool.ts`. */
import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { hashSync, verifySync } from '@node-rs/argon2';
import type { HashJob, HashOutcome } from './hash-pool.ts';

// Linux gives each thread a priority of its own; elsewhere this would concern the whole process.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_LOW);

const outcomeOf = (job: HashJob): HashOutcome => {
  try {
    return {
      value:
        job.against === undefined ? hashSync(job.password, job.cost) : verifySync(job.against, job.password),
    };
  } catch (error) {
    return { error };
  }
};

parentPort?.on('message', (job: HashJob) => parentPort?.postMessage(outcomeOf(job)));
