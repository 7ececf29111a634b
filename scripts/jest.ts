/**
 * `node scripts/jest.ts unit|int|e2e [jest options]`, run in a package's folder: one Jest configuration for all
 * packages. Integration and browser tests get real servers; each Jest worker makes its own database in them.
 */
import './loopback.mjs';
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative, resolve } from 'node:path';
import { isTestKind, TEST_KINDS } from './test-files.ts';

const [kind, ...rest] = process.argv.slice(2);
if (!isTestKind(kind)) {
  console.error(`Usage: node scripts/jest.ts ${Object.keys(TEST_KINDS).join('|')} [jest options]`);
  process.exit(2);
}

const root = resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const transformer = (tsx: boolean) => [
  require.resolve('@swc/jest'),
  {
    jsc: {
      target: 'es2024',
      parser: { syntax: 'typescript', tsx },
      transform: { react: { runtime: 'automatic' } },
    },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  },
];
const { files, except } = TEST_KINDS[kind];
/** `--inspect-brk` and the like are Node's, and a person who looks at a test needs longer than it may take. */
const inspect = rest.filter((arg) => arg.startsWith('--inspect'));
const options = rest.filter((arg) => !arg.startsWith('--inspect'));
const DEBUG_TIMEOUT_MS = 24 * 3_600_000;
const config = {
  rootDir: process.cwd(),
  displayName: `${relative(root, process.cwd())} ${kind}`,
  testMatch: files,
  testPathIgnorePatterns: ['/node_modules/', '/dist/', ...(except === undefined ? [] : [except])],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  // Only .tsx may be parsed as JSX: elsewhere `<T>(x: T) =>` is a generic function.
  transform: { '^.+\\.ts$': transformer(false), '^.+\\.tsx$': transformer(true) },
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['development', 'node', 'node-addons'] },
  testTimeout: inspect.length > 0 ? DEBUG_TIMEOUT_MS : kind === 'unit' ? 30_000 : 60_000,
  maxWorkers: 2,
};

mkdirSync('test-results', { recursive: true });
const services =
  kind === 'unit' ? undefined : await (await import('./test-services.ts')).startTestServices(kind);

const child = spawn(
  process.execPath,
  [
    ...inspect,
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    require.resolve('jest/bin/jest'),
    '--config',
    JSON.stringify(config),
    '--json',
    `--outputFile=test-results/${kind}.json`,
    ...(inspect.length > 0 ? ['--runInBand'] : []),
    // A filter that matches nothing is a mistake; a package without tests is not.
    ...(rest.length === 0 ? ['--passWithNoTests'] : options),
  ],
  {
    stdio: ['inherit', 'ignore', 'inherit'],
    env: { ...process.env, ...services?.env, NODE_ENV: 'test' },
  },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', async (code) => {
  await services?.close();
  process.exit(code ?? 1);
});
