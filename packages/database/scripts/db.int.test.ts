import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../src/testing/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command as `npm run db:*` does. */
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> =>
  new Promise((resolve) => {
    const script = join(import.meta.dirname, 'db.ts');
    const child = execFile(
      process.execPath,
      ['--conditions=development', script, ...args],
      { env: { PATH: process.env.PATH, DATABASE_URL: database.url, ...env } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

describe('the commands', () => {
  test('take an empty database to one with demo data, and tell what they do', async () => {
    expect(await run(['status'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/pending {3}\d+_init/),
    });
    expect(await run(['deploy'])).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['status'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The database is up to date.'),
    });
    expect(await run(['seed'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Added 7 users, 2 organizations/),
    });
    expect(await run(['seed'])).toMatchObject({ code: 0, stdout: 'The demo data is already there.\n' });
    expect(await run(['reset'])).toMatchObject({ code: 0, stdout: expect.stringContaining('Emptied') });
    expect(await database.execute('SELECT 1 FROM users')).toEqual([]);
  });

  test('prefer the direct address to the pooled one', async () => {
    const pooled = { DATABASE_URL: 'postgresql://app@127.0.0.1:1/chat?pgbouncer=true' };
    expect(await run(['deploy'], pooled)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Set DIRECT_URL'),
    });
    expect(await run(['deploy'], { ...pooled, DIRECT_URL: database.url })).toMatchObject({ code: 0 });
  });

  test.each([
    ['DIRECT_URL', 'postgresql://app:12?hunter2@db/chat'],
    ['DATABASE_URL', 'postgresql://app:12#hunter2@db/chat'],
    ['DATABASE_URL', 'postgresql://app:x@db/chat?sslmode=require&sslrootcert=/hunter2'],
  ])('name %s when it cannot be used, and repeat nothing of it', async (variable, url) => {
    const { code, stderr } = await run(['deploy'], { [variable]: url });
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^${variable} cannot be used: `));
    expect(stderr).not.toMatch(/hunter2|^\s+at /m);
  });

  test.each(['reset', 'seed'])('refuse %s in production', async (command) => {
    expect(await run([command], { NODE_ENV: 'production' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('refused when NODE_ENV is production'),
    });
  });

  test.each([
    [['drop'], 'Usage:'],
    [['deploy', '--fast'], "Unknown option '--fast'"],
    [['migrate:new'], 'Give the migration one name'],
  ])('answer %j with one helpful sentence and exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
