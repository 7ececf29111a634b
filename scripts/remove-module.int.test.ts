import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '..');
const MINUTES = 60_000;
let copy: string;

/** The working tree as it is, with the installed packages of the original and workspaces of its own. */
function copyTree(): string {
  const target = mkdtempSync(join(tmpdir(), 'plinth-fork-'));
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter((path) => path && existsSync(join(ROOT, path)))) {
    cpSync(join(ROOT, file), join(target, file));
  }
  for (const folder of ['.', ...globSync('{apps,packages}/*', { cwd: ROOT })]) {
    const installed = join(ROOT, folder, 'node_modules');
    if (!existsSync(installed)) continue;
    mkdirSync(join(target, folder, 'node_modules'), { recursive: true });
    for (const name of readdirSync(installed)) {
      if (name !== '@plinth') symlinkSync(join(installed, name), join(target, folder, 'node_modules', name));
    }
  }
  mkdirSync(join(target, 'node_modules/@plinth'));
  for (const file of globSync('{apps,packages}/*/package.json', { cwd: target })) {
    const { name } = JSON.parse(readFileSync(join(target, file), 'utf8'));
    symlinkSync(
      relative(join(target, 'node_modules/@plinth'), join(target, dirname(file))),
      join(target, 'node_modules', name),
    );
  }
  execFileSync('git', ['init', '-q'], { cwd: target });
  return target;
}

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
  copy = copyTree();
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('removing modules from a fork', () => {
  test('an unknown or a core module is refused, and the optional ones are named', () => {
    const { status, output } = run('node', ['scripts/remove-module.ts', 'users']);
    expect(status).toBe(2);
    expect(output).toMatch(/Not an optional module: users\.[\s\S]*Optional modules: channels, messages\./);
  });

  test(
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
