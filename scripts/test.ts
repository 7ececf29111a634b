/**
 * `npm test`: types, lint, unit, integration and browser tests of all packages, on real servers, and one summary in
 * plain numbers. `npm test -- --force` ignores what an earlier run has already proved.
 */
import './loopback.mjs';
import { spawn } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { checkStorage, ensureServers, explain } from '@plinth/dev-services';

const root = resolve(import.meta.dirname, '..');
const KINDS = ['unit', 'int', 'e2e'] as const;
const KIND_NAMES = { unit: 'Unit', int: 'Integration', e2e: 'Browser' } as const;

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** Runs turbo and resolves with its exit code. */
function turbo(tasks: readonly string[], options: readonly string[]): Promise<number> {
  const child = spawn(
    'turbo',
    ['run', ...tasks, '--continue=dependencies-successful', '--output-logs=new-only', ...options],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
  return new Promise((done) => child.once('exit', (code) => done(code ?? 1)));
}

/** Adds up what Jest wrote down for one kind of test; turbo restores these files for packages it did not run again. */
function tally(kind: (typeof KINDS)[number]): Tally {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const file of globSync(`{apps/*,packages/*,scripts}/test-results/${kind}.json`, { cwd: root })) {
    const result = JSON.parse(readFileSync(resolve(root, file), 'utf8'));
    sum.passed += result.numPassedTests;
    // A suite that could not even start has no failed tests of its own.
    sum.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    sum.skipped += result.numPendingTests + result.numTodoTests;
  }
  return sum;
}

/** Every test task must have left its numbers: a runner that died is no success. */
function missingResults(): string[] {
  return globSync('{apps/*,packages/*,scripts}/package.json', { cwd: root }).flatMap((file) => {
    const { scripts = {} } = JSON.parse(readFileSync(resolve(root, file), 'utf8'));
    return KINDS.filter((kind) => scripts[`test:${kind}`])
      .map((kind) => `${dirname(file)}/test-results/${kind}.json`)
      .filter((path) => !existsSync(resolve(root, path)));
  });
}

try {
  // Results are written here, databases of the tests there.
  checkStorage([root, tmpdir()], tmpdir());
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
const options = process.argv.slice(2);
const startedAt = performance.now();
for (const file of globSync('{apps/*,packages/*,scripts}/test-results/*.json', { cwd: root }))
  rmSync(resolve(root, file));

await ensureServers(['redis', 'pgbouncer', 'chromium']);
// The quick checks side by side; then the suites with servers one after the other, for they need the cores.
const quick = await turbo(['typecheck', 'lint', 'test:unit', 'build'], options);
const servers = await turbo(['test:int', 'test:e2e'], ['--concurrency=1', ...options]);

const rows = KINDS.map((kind) => ({ kind, ...tally(kind) }));
const missing = missingResults();
const total = rows.reduce(
  (sum, row) => ({ passed: sum.passed + row.passed, failed: sum.failed + row.failed }),
  { passed: 0, failed: missing.length },
);
const ok = quick === 0 && servers === 0 && total.failed === 0;

console.log(`\nTypes, lint and builds: ${quick === 0 ? 'fine' : 'FAILED (see above)'}`);
for (const { kind, passed, failed, skipped } of rows) {
  console.log(
    `${`${KIND_NAMES[kind]} tests:`.padEnd(20)}${passed} passed, ${failed} failed, ${skipped} skipped`,
  );
}
for (const path of missing) console.log(`No result: ${path} (its runner did not finish)`);
console.log(`Took ${Math.round((performance.now() - startedAt) / 1000)} s`);
console.log(`${total.passed} passed, ${ok ? 0 : Math.max(1, total.failed)} failed`);
process.exitCode = ok ? 0 : 1;
