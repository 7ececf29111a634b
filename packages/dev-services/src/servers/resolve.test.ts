import { describe, expect, test } from '@jest/globals';
import { missingSentence, type Probes, resolveServer } from './resolve.ts';

/** A machine that has nothing, except for what a test gives it. */
function machine(has: Partial<Probes> = {}): Probes {
  return {
    variable: () => undefined,
    binary: () => undefined,
    docker: () => false,
    installer: () => undefined,
    ...has,
  };
}

describe('where a test server comes from', () => {
  const everything = {
    variable: (name: string) => (name === 'TEST_REDIS_URL' ? 'redis://ci:6379' : undefined),
    binary: () => '/usr/bin/redis-server',
    docker: () => true,
    installer: () => ({ system: 'debian' }),
  };

  test('an address in the environment comes first', () => {
    expect(resolveServer('redis', machine(everything))).toEqual({ kind: 'url', url: 'redis://ci:6379' });
  });

  test('an empty variable counts as none, and a program on PATH comes next', () => {
    const probes = machine({ ...everything, variable: () => '' });
    expect(resolveServer('redis', probes)).toEqual({ kind: 'binary', path: '/usr/bin/redis-server' });
  });

  test('then Docker', () => {
    const probes = machine({ docker: () => true, installer: () => ({ system: 'debian' }) });
    expect(resolveServer('redis', probes)).toEqual({ kind: 'docker' });
  });

  test("then the system's package manager", () => {
    const probes = machine({ installer: () => ({ system: 'debian' }) });
    expect(resolveServer('pgbouncer', probes)).toEqual({ kind: 'package', name: 'pgbouncer' });
  });

  test('and otherwise it is missing, never skipped', () => {
    expect(resolveServer('nginx', machine())).toEqual({ kind: 'missing' });
  });

  test('later places are not asked when an earlier one has it', () => {
    const unasked = () => {
      throw new Error('was asked');
    };
    const probes = machine({ binary: () => '/usr/sbin/nginx', docker: unasked, installer: unasked });
    expect(resolveServer('nginx', probes)).toEqual({ kind: 'binary', path: '/usr/sbin/nginx' });
  });

  test('the browser may be given as a path', () => {
    const probes = machine({
      variable: (name) => (name === 'TEST_CHROMIUM_PATH' ? '/opt/chrome' : undefined),
    });
    expect(resolveServer('chromium', probes)).toEqual({ kind: 'binary', path: '/opt/chrome' });
  });

  test('the browser never comes from Docker, and not from the snap stub that Ubuntu calls a package', () => {
    const probes = machine({ docker: () => true, installer: () => ({ system: 'ubuntu' }) });
    expect(resolveServer('chromium', probes)).toEqual({ kind: 'missing' });
    expect(resolveServer('chromium', machine({ installer: () => ({ system: 'debian' }) }))).toEqual({
      kind: 'package',
      name: 'chromium',
    });
  });
});

test('everything that is missing is named in one sentence, with what to install', () => {
  expect(missingSentence(['redis', 'nginx', 'chromium'])).toBe(
    'The tests need Redis, nginx and Chromium, which this machine lacks: install redis-server or valkey-server ' +
      '(macOS: brew install redis), nginx (macOS: brew install nginx) and Chromium or Google Chrome (any system: ' +
      'npx playwright-core install --with-deps chromium), or point TEST_REDIS_URL and TEST_CHROMIUM_PATH to one that ' +
      'you have.',
  );
});
