/**
 * `node scripts/jest.ts unit|int|e2e [jest options]`, run in a package's folder: one Jest configuration for all
 * packages. Integration and browser tests get real servers; each Jest worker makes its own database in them.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative, resolve } from 'node:path';

const PATTERNS = {
  unit: { testMatch: ['**/*.test.ts', '**/*.test.tsx'], testPathIgnorePatterns: ['\\.int\\.test\\.'] },
  int: { testMatch: ['**/*.int.test.ts'], testPathIgnorePatterns: [] },
  e2e: { testMatch: ['**/*.e2e.ts'], testPathIgnorePatterns: [] },
} as const;

type Kind = keyof typeof PATTERNS;

const isKind = (value: string | undefined): value is Kind => value !== undefined && value in PATTERNS;

const [kind, ...rest] = process.argv.slice(2);
if (!isKind(kind)) {
  console.error(`Usage: node scripts/jest.ts ${Object.keys(PATTERNS).join('|')} [jest options]`);
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
const patterns = PATTERNS[kind];
const config = {
  rootDir: process.cwd(),
  displayName: `${relative(root, process.cwd())} ${kind}`,
  testMatch: patterns.testMatch,
  testPathIgnorePatterns: ['/node_modules/', '/dist/', ...patterns.testPathIgnorePatterns],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  // Only .tsx may be parsed as JSX: elsewhere `<T>(x: T) =>` is a generic function.
  transform: { '^.+\\.ts$': transformer(false), '^.+\\.tsx$': transformer(true) },
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['development', 'node', 'node-addons'] },
  testTimeout: kind === 'unit' ? 10_000 : 60_000,
  maxWorkers: 2,
};

mkdirSync('test-results', { recursive: true });
const services =
  kind === 'unit' ? undefined : await (await import('./test-services.ts')).startTestServices(kind);

const child = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    require.resolve('jest/bin/jest'),
    '--config',
    JSON.stringify(config),
    '--json',
    `--outputFile=test-results/${kind}.json`,
    '--passWithNoTests',
    ...rest,
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
