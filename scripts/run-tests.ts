/**
 * `npm run test:unit|test:int|test:e2e [-- <filter> … <Jest options>]` at the root. Without arguments it runs what has
 * changed, by Turborepo; with arguments Jest itself, in one package after the other, only where a file matches.
 */
import './loopback.mjs';
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './folders.ts';
import { isTestKind, matching, packageOf, TEST_KINDS, type TestKind, testFiles } from './test-files.ts';

/** Jest's options whose value may be an argument of its own; all others are written with `=`. */
const WITH_VALUE = {
  testNamePattern: { type: 'string', short: 't' },
  maxWorkers: { type: 'string', short: 'w' },
  testTimeout: { type: 'string' },
} as const;

const fail = (message: string, code = 1): never => {
  console.error(message);
  process.exit(code);
};

/** Runs a program in the terminal and resolves with its exit code. A Ctrl-C is waited out: it ends its servers. */
function run(command: string, args: readonly string[], cwd: string): Promise<number> {
  const child = spawn(command, args, { cwd, stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, forward);
      resolve(code ?? 1);
    });
  });
}

const turbo = (...args: string[]) => run('turbo', ['run', ...args], ROOT);

/** The chosen files; a filter that means none is an error that says where it would have meant some. */
function chooseFiles(kind: TestKind, filters: readonly string[]): string[] {
  const files = testFiles(kind, ROOT);
  if (filters.length === 0) return files;
  const chosen = filters.flatMap((filter) => {
    const found = matching(files, filter, ROOT);
    if (found.length > 0) return found;
    const elsewhere = (Object.keys(TEST_KINDS) as TestKind[])
      .filter((other) => matching(testFiles(other, ROOT), filter, ROOT).length > 0)
      .map((other) => ` The ${TEST_KINDS[other].name} tests have one: npm run test:${other} -- ${filter}`);
    return fail(`No ${TEST_KINDS[kind].name} test file matches "${filter}".${elsewhere.join('')}`);
  });
  return [...new Set(chosen)];
}

/** How many tests have really run in a package, by what Jest wrote down. */
function testsRun(folder: string, kind: TestKind): number {
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(
    readFileSync(join(folder, 'test-results', `${kind}.json`), 'utf8'),
  );
  return numPassedTests + numFailedTests + numRuntimeErrorTestSuites;
}

async function runFiltered(kind: TestKind, args: string[]): Promise<number> {
  const { tokens, values } = parseArgs({
    args,
    options: WITH_VALUE,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positional = tokens.filter((token) => token.kind === 'positional');
  const filters = positional.map(({ value }) => value);
  const options = args.filter((_, index) => !positional.some((token) => token.index === index));
  const byPackage = Map.groupBy(chooseFiles(kind, filters), packageOf);
  if (args.some((arg) => /^--watch(All)?$/.test(arg)) && byPackage.size > 1)
    fail(
      `--watch works in one package at a time: add a part of a path. There are tests in ${[...byPackage.keys()].join(', ')}.`,
    );

  // As Turborepo would: the Prisma client first, and for tests against the product also that.
  const prepared = await turbo(...(kind === 'unit' ? ['generate'] : ['build']), '--output-logs=errors-only');
  if (prepared !== 0) return prepared;

  let code = 0;
  let count = 0;
  for (const [name, files] of byPackage) {
    const folder = join(ROOT, name);
    rmSync(join(folder, 'test-results', `${kind}.json`), { force: true });
    const jest = join(import.meta.dirname, 'jest.ts');
    const paths = filters.length === 0 ? [] : ['--runTestsByPath', ...files.map((file) => join(ROOT, file))];
    const ended = await run(
      process.execPath,
      ['--conditions=development', jest, kind, ...options, ...paths],
      folder,
    );
    if (ended !== 0) code = ended;
    // Interrupted, or Jest did not like an option: the next package would not either.
    else count += testsRun(folder, kind);
    if (ended > 1) return ended;
  }
  if (code === 0 && count === 0)
    fail(`No ${TEST_KINDS[kind].name} test has a title that matches "${values.testNamePattern}".`);
  return code;
}

const [kind, ...args] = process.argv.slice(2);
if (isTestKind(kind)) {
  // Suites with servers need the cores for themselves.
  const inTurn = kind === 'unit' ? [] : ['--concurrency=1'];
  process.exitCode = await (args.length === 0 ? turbo(`test:${kind}`, ...inTurn) : runFiltered(kind, args));
} else {
  fail(`Usage: node scripts/run-tests.ts ${Object.keys(TEST_KINDS).join('|')} [filter …] [Jest options]`, 2);
}
