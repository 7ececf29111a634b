import { expect, test } from '@jest/globals';
import { isPostgresOf, parsePostmasterPid } from './stale.ts';

test("the server's process id is the first line of its lock file", () => {
  expect(parsePostmasterPid('4711\n/data\n1700000000\n5432\n')).toBe(4711);
  expect(parsePostmasterPid('')).toBeUndefined();
  expect(parsePostmasterPid('rubbish')).toBeUndefined();
});

test('only a PostgreSQL on the very same folder counts as a server left behind', () => {
  const command = '/project of mine/node_modules/x/bin/postgres -D /data -p 5432';
  expect(isPostgresOf(command, '/data')).toBe(true);
  expect(isPostgresOf(command, '/dat')).toBe(false);
  expect(isPostgresOf('node server.js -D /data', '/data')).toBe(false);
  expect(isPostgresOf(undefined, '/data')).toBe(false);
});
