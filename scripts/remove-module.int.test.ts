import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyTree } from './copy-tree.ts';

const MINUTES = 60_000;
let copy: string;

function run(command: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: copy,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: {
      PATH: `${join(copy, 'node_modules/.bin')}:${process.env.PATH}`,
      HOME: process.env.HOME,
      TURBO_TELEMETRY_DISABLED: '1',
    },
  });
  return { status, output: `${stdout}\n${stderr}` };
}

beforeAll(() => {
  copy = copyTree(mkdtempSync(join(tmpdir(), 'plinth-fork-')));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('removing modules from a fork', () => {
  test('an unknown or a core module is refused, and the optional ones are named', () => {
    const { status, output } = run('node', ['scripts/remove-module.ts', 'users']);
    expect(status).toBe(2);
    expect(output).toMatch(/Not an optional module: users\.[\s\S]*Optional modules: channels, messages\./);
  });

  // Issue 6 rebuilds the command on module boundaries. Until then tests of other parts (security, organisations, the
  // browser) use both modules and do not compile without them, so the README claims no more than the test above.
  test.skip(
    'channels and messages can go: types, lint, build and the remaining tests stay green',
    () => {
      // One after the other: without messages alone everything compiles, too.
      expect(run('node', ['scripts/remove-module.ts', 'messages'])).toMatchObject({ status: 0 });
      const alone = run('turbo', [
        'run',
        'typecheck',
        '--filter=!@plinth/scripts',
        '--continue',
        '--output-logs=errors-only',
      ]);
      if (alone.status !== 0) throw new Error(alone.output.slice(-20_000));
      expect(run('node', ['scripts/remove-module.ts', 'channels'])).toMatchObject({ status: 0 });
      expect(
        globSync('**/{channels,messages}{,.*}', { cwd: copy, exclude: (name) => name === 'node_modules' }),
      ).toEqual([]);

      const checks = ['typecheck', 'lint', 'build', 'test:unit', 'test:int', 'test:e2e'];
      const { status, output } = run('turbo', [
        'run',
        ...checks,
        '--filter=!@plinth/scripts',
        '--filter=!@plinth/dev-services',
        '--concurrency=2',
        '--continue',
        '--output-logs=errors-only',
      ]);
      if (status !== 0) throw new Error(output.slice(-20_000));

      const results = globSync('{apps,packages}/*/test-results/*.json', { cwd: copy });
      const passed = results.map((file) => JSON.parse(readFileSync(join(copy, file), 'utf8')).numPassedTests);
      expect(passed.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100);
    },
    10 * MINUTES,
  );
});
