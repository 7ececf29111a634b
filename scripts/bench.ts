/**
 * `npm run bench`: builds, measures the built product beside bare Node and bare Express, and writes
 * `bench-results/latest.json`. `npm run bench -- --only page --rounds 3` for a part of it.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runBench } from '../apps/backend/bench/run.ts';

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
  },
});

const built = spawnSync('turbo', ['run', 'build', '--output-logs=errors-only'], {
  cwd: root,
  stdio: 'inherit',
});
if (built.status !== 0) process.exit(built.status ?? 1);

const closers: (() => Promise<unknown>)[] = [];
let closing: Promise<void> | undefined;
const closeAll = (): Promise<void> => {
  closing ??= (async () => {
    for (const close of closers.toReversed()) await close();
  })();
  return closing;
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void closeAll().finally(() => process.exit(130));
  });
}

try {
  await runBench(
    {
      rounds: Number(values.rounds),
      seconds: Number(values.seconds),
      only: values.only,
      output: resolve(root, 'bench-results/latest.json'),
      onProgress: console.log,
    },
    closers,
  );
} catch (error) {
  // After Ctrl-C everything that is still being asked fails, and is meant to.
  if (!closing) console.error(error);
  process.exitCode = 1;
} finally {
  await closeAll();
}
