/** Which test files there are, by kind, and which of them a filter means. */
import { globSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';

/** Of a kind: what its files are called, and which of these belong to another kind after all. */
export const TEST_KINDS = {
  unit: { name: 'unit', files: ['**/*.test.ts', '**/*.test.tsx'], except: '\\.int\\.test\\.' },
  int: { name: 'integration', files: ['**/*.int.test.ts'], except: undefined },
  e2e: { name: 'browser', files: ['**/*.e2e.ts'], except: undefined },
} as const;

export type TestKind = keyof typeof TEST_KINDS;

export const isTestKind = (value: string | undefined): value is TestKind =>
  value !== undefined && value in TEST_KINDS;

const SKIPPED = new Set(['node_modules', 'dist', 'test-results', '.turbo']);

/** The test files of a kind, relative to this root, sorted. */
export function testFiles(kind: TestKind, root: string): string[] {
  const { files, except } = TEST_KINDS[kind];
  const patterns = files.map((pattern) => `{apps/*,packages/*,scripts}/${pattern}`);
  return globSync(patterns, { cwd: root, exclude: (name) => SKIPPED.has(name) })
    .filter((path) => except === undefined || !new RegExp(except).test(path))
    .toSorted();
}

/** The folder of the package that a file belongs to: `apps/web` of `apps/web/src/a.test.ts`. */
export const packageOf = (file: string): string =>
  file
    .split('/')
    .slice(0, file.startsWith('scripts/') ? 1 : 2)
    .join('/');

/**
 * The files that a filter means: a part of the path from the root, or else a regular expression for one, or an absolute
 * path. Never the path above the root: the folder's own name is no match.
 */
export function matching(files: readonly string[], filter: string, root: string): string[] {
  const part = isAbsolute(filter) ? relative(root, filter) : filter.replace(/^\.\//, '');
  const literal = files.filter((file) => file.toLowerCase().includes(part.toLowerCase()));
  const expression = literal.length > 0 ? undefined : toExpression(part);
  return expression === undefined ? literal : files.filter((file) => expression.test(file));
}

function toExpression(text: string): RegExp | undefined {
  try {
    return new RegExp(text, 'i');
  } catch {
    // Such as `[id`: it is taken as plain text alone.
    return undefined;
  }
}
