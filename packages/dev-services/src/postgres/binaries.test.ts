import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { refuseShellCharacters } from './binaries.ts';

/** What initdb does with the path of a program: a shell command with the path in double quotes. */
const throughShell = (path: string): string | undefined => {
  try {
    return execFileSync('sh', ['-c', `printf %s "${path}"`], { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return undefined;
  }
};

describe('the path of the programs of PostgreSQL', () => {
  test.each(['/a$HOME/b', '/a`b`/c', '/a"b/c', '/a\\\\b'])(
    '%j, which a shell misreads, is refused',
    (path) => {
      expect(throughShell(path)).not.toBe(path);
      expect(() => refuseShellCharacters(path)).toThrow(/misreads ".*Rename or move the folder/);
    },
  );

  test.each(["/it's mine/b", '/a #b?c*d', '/a;b&c|d', '/a!(b)[c]{d}', '/-a/Müller', '/a%20b:c'])(
    '%j, which a shell leaves alone, is not',
    (path) => {
      expect(throughShell(path)).toBe(path);
      expect(() => refuseShellCharacters(path)).not.toThrow();
    },
  );
});
