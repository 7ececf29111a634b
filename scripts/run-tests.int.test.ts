import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { copyTree } from './copy-tree.ts';

const MINUTES = 60_000;
/** A fresh clone: nothing generated, nothing built. */
let copy: string;

beforeAll(() => {
  copy = copyTree(mkdtempSync(join(tmpdir(), 'plinth-clone-')));
  writeFileSync(
    join(copy, 'packages/contracts/src/sample.test.ts'),
    "import { expect, test } from '@jest/globals';\ntest('one holds', () => expect(1).toBe(1));\ntest('two does not', () => expect(2).toBe(1));\n",
  );
  writeFileSync(
    join(copy, 'packages/database/src/sample.int.test.ts'),
    "import { expect, test } from '@jest/globals';\nimport { Prisma } from './generated/client.ts';\ntest('a client and a server', () => {\n  expect(Prisma.ModelName.User).toBe('User');\n  expect(process.env.TEST_DATABASE_URL).toMatch(/^postgresql:/);\n});\n",
  );
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

beforeEach(() => {
  for (const file of results()) rmSync(join(copy, file));
});

const results = () => globSync('{apps/*,packages/*,scripts}/test-results/*.json', { cwd: copy }).toSorted();

function runTests(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=development', 'scripts/run-tests.ts', ...args],
    {
      cwd: copy,
      encoding: 'utf8',
      env: {
        PATH: `${join(copy, 'node_modules/.bin')}:${process.env.PATH}`,
        HOME: process.env.HOME,
        TURBO_TELEMETRY_DISABLED: '1',
      },
    },
  );
  return { status, output: `${stdout}\n${stderr}` };
}

test(
  'a filter runs only the packages that have such a file, and the exit code is theirs',
  () => {
    const { status, output } = runTests('unit', 'contracts/src/sample');
    expect(output).toContain('✓ one holds');
    expect(output).toContain('✕ two does not');
    expect(status).toBe(1);
    expect(results()).toEqual(['packages/contracts/test-results/unit.json']);
  },
  MINUTES,
);

test(
  'a title chooses within the files',
  () => {
    const { status, output } = runTests('unit', 'sample', '-t', 'one holds');
    expect(output).toMatch(/Tests: +1 skipped, 1 passed/);
    expect(status).toBe(0);
  },
  MINUTES,
);

test(
  'a filter or a title that matches nothing is an error that says so',
  () => {
    expect(runTests('unit', 'no-such-file')).toEqual({
      status: 1,
      output: expect.stringContaining('No unit test file matches "no-such-file".'),
    });
    expect(runTests('unit', 'sample', 'no-such-file').status).toBe(1);
    expect(runTests('unit', 'database/src/sample').output).toContain(
      'The integration tests have one: npm run test:int -- database/src/sample',
    );
    expect(runTests('unit', 'sample', '-t', 'three')).toEqual({
      status: 1,
      output: expect.stringContaining('No unit test has a title that matches "three".'),
    });
  },
  MINUTES,
);

test(
  'watching needs one package, and says which there are',
  () => {
    const { status, output } = runTests('unit', '--watch');
    expect(status).toBe(1);
    expect(output).toMatch(/--watch works in one package at a time: .*apps\/backend, .*scripts\.\n/);
  },
  MINUTES,
);

test(
  'integration tests of a fresh clone get the Prisma client and real servers first',
  () => {
    rmSync(join(copy, 'packages/database/src/generated'), { recursive: true, force: true });
    const { status, output } = runTests('int', 'database/src/sample');
    if (status !== 0) throw new Error(output.slice(-5_000));
    expect(existsSync(join(copy, 'packages/database/src/generated/client.ts'))).toBe(true);
    expect(results()).toEqual(['packages/database/test-results/int.json']);
  },
  5 * MINUTES,
);
