import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { explainStorage } from '../errors.ts';
import { isRoot } from '../processes/system-user.ts';
import { temporaryFolder } from '../testing/helpers.ts';
import { checkStorage } from './storage.ts';

/** Whether this machine lets us mount: root outside of a locked-down container. */
function mount(args: readonly string[], folder: string): boolean {
  try {
    execFileSync('mount', [...args, folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const unmount = (folder: string) => execFileSync('umount', [folder], { stdio: 'ignore' });

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
  expect(said('EDQUOT')).toMatch(/^Your disk quota .* is used up: delete something/);
  expect(said('ECONNREFUSED')).toBeUndefined();
});

test('a folder that is closed, read-only or full is one sentence, and too little room for a database another', async () => {
  await using folder = await temporaryFolder();
  const place = join(folder.path, 'place');
  mkdirSync(place);
  if (!isRoot()) {
    chmodSync(place, 0o555);
    expect(() => checkStorage([place])).toThrow(`${place} may not be written by this user`);
    return;
  }
  if (!mount(['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs'], place)) return;
  try {
    expect(() => checkStorage([place], place)).toThrow(
      /has only \d MiB left and the development database needs/,
    );
    try {
      writeFileSync(join(place, 'filler'), Buffer.alloc(2 * 1024 * 1024));
    } catch {
      // Full now.
    }
    expect(() => checkStorage([place])).toThrow(`The disk of ${place} is full: delete something`);
    execFileSync('mount', ['-o', 'remount,ro', place]);
    expect(() => checkStorage([place])).toThrow(`${place} is on a file system that is mounted read-only`);
  } finally {
    unmount(place);
  }
});
