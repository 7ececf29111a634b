import { expect, test } from '@jest/globals';
import { ROOT } from './folders.ts';
import { matching, packageOf, testFiles } from './test-files.ts';

test('each test file is of exactly one kind', () => {
  const [unit, int, e2e] = [testFiles('unit', ROOT), testFiles('int', ROOT), testFiles('e2e', ROOT)];
  expect(unit).toContain('scripts/test-files.test.ts');
  expect(unit).toContain('packages/contracts/src/text.test.ts');
  expect(int).toContain('scripts/run-tests.int.test.ts');
  expect(e2e).toContain('apps/web/src/features/auth/auth.e2e.ts');
  const all = [...unit, ...int, ...e2e];
  expect(new Set(all).size).toBe(all.length);
});

test('a file belongs to its package', () => {
  expect(packageOf('apps/web/src/app/a.test.ts')).toBe('apps/web');
  expect(packageOf('scripts/production/a.test.ts')).toBe('scripts');
});

test('a filter is a part of the path, an expression, or an absolute path; never the folder above', () => {
  const root = '/home/policy (1)/plinth';
  const files = ['apps/web/src/[id].test.ts', 'packages/contracts/src/Policy.test.ts'];
  const found = (filter: string) => matching(files, filter, root);
  expect(found('policy')).toEqual([files[1]]);
  expect(found('[id]')).toEqual([files[0]]);
  expect(found('[id')).toEqual([files[0]]);
  expect(found('src/.*\\.test')).toEqual(files);
  expect(found('./packages/contracts')).toEqual([files[1]]);
  expect(found(`${root}/apps/web/src/[id].test.ts`)).toEqual([files[0]]);
  expect(found('plinth')).toEqual([]);
});
