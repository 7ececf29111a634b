import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { explainStorage } from '../errors.ts';
import { isRoot } from '../processes/system-user.ts';
import { temporaryFolder } from '../testing/helpers.ts';
import { checkStorage } from './storage.ts';

/** What another process says of a folder, after it has done something that this one must not do to itself. */
function saidBy(place: string, before: string, wrapper: readonly string[] = []) {
  const program = `
    import { execFileSync } from 'node:child_process';
    import { writeFileSync } from 'node:fs';
    const { checkStorage } = await import(${JSON.stringify(join(import.meta.dirname, 'storage.ts'))});
    const place = ${JSON.stringify(place)};
    const say = (roomFor) => {
      try { checkStorage([place], roomFor); console.log('fine'); } catch (error) { console.log(error.message); }
    };
    ${before}
    say();`;
  const [command = '', ...args] = [...wrapper, process.execPath, '--input-type=module', '--eval', program];
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  return stdout.trim().split('\n');
}

/** Ways to a namespace with mounts of one's own, where no other process sees them. */
const NAMESPACES = [
  ['unshare', '--mount'],
  ['unshare', '--user', '--map-root-user', '--mount'],
  ['sudo', '-n', 'unshare', '--mount'],
];

/** A command that runs another one with a tmpfs of 1 MiB on a folder; undefined where the system allows no mounts. */
function withSmallDisk(place: string): string[] | undefined {
  const namespace = NAMESPACES.find(([command = '', ...args]) => {
    const { status } = spawnSync(command, [...args, 'mount', '-t', 'tmpfs', 'tmpfs', place]);
    return status === 0;
  });
  return namespace && [...namespace, 'sh', '-c', 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"', place];
}

test('a folder that can be written to is left as it was', async () => {
  await using folder = await temporaryFolder();
  checkStorage([folder.path, join(folder.path, 'new')]);
  expect(readdirSync(folder.path)).toEqual(['new']);
});

test('what the system says about a folder is told in words, with the remedy', () => {
  const said = (code: string) =>
    explainStorage(Object.assign(new Error(code), { code, path: '/srv/plinth/file' }));
  expect(said('EROFS')).toMatch(/^\/srv\/plinth\/file is on a file system that is mounted read-only: move /);
  expect(said('EACCES')).toMatch(/may not be written by this user .* "sudo chown/);
  expect(said('EPERM')).toBe(said('EACCES'));
  expect(said('ENOSPC')).toBe('The disk of /srv/plinth/file is full: delete something, then try again.');
  expect(said('EFBIG')).toMatch(/^Files in .* may not become larger .* "ulimit -f unlimited"/);
  expect(said('EDQUOT')).toMatch(/^Your disk quota .* is used up: delete something/);
  expect(said('ECONNREFUSED')).toBeUndefined();
});

describe('one sentence of the system itself about', () => {
  test('a folder that this user may not write to', async () => {
    await using folder = await temporaryFolder();
    const place = join(folder.path, 'place');
    mkdirSync(place);
    chmodSync(place, 0o555);
    chmodSync(folder.path, 0o755);
    // Root may write everywhere: it becomes somebody else after the code is read.
    expect(saidBy(place, isRoot() ? 'process.seteuid(65534);' : '')).toEqual([
      expect.stringMatching(`^${place} may not be written by this user`),
    ]);
  });

  test('a limit of the shell', async () => {
    await using folder = await temporaryFolder();
    expect(saidBy(folder.path, '', ['sh', '-c', 'ulimit -f 0 && exec "$0" "$@"'])).toEqual([
      expect.stringMatching(`^Files in ${folder.path} may not become larger`),
    ]);
  });

  test('a full disk, a read-only one, and one with too little room for a database', async () => {
    await using folder = await temporaryFolder();
    const disk = process.platform === 'linux' ? withSmallDisk(folder.path) : undefined;
    if (disk === undefined) {
      // macOS, or a container without mounts. Both have system folders in which nobody may make a file.
      const place = process.platform === 'linux' ? '/sys/kernel' : '/System';
      expect(saidBy(place, '')).toEqual([
        expect.stringMatching(
          /is on a file system that is mounted read-only|may not be written by this user/,
        ),
      ]);
      return;
    }
    const fill = `
      say();
      say(place);
      try { writeFileSync(place + '/filler', Buffer.alloc(2 ** 21)); } catch {}
      say();
      execFileSync('mount', ['-o', 'remount,ro', place]);`;
    expect(saidBy(folder.path, fill, disk)).toEqual([
      'fine',
      expect.stringMatching(/has only \d MiB left and the development database needs/),
      `The disk of ${folder.path} is full: delete something, then try again.`,
      expect.stringMatching(`^${folder.path} is on a file system that is mounted read-only`),
    ]);
    expect(readdirSync(folder.path)).toEqual([]);
  });
});
