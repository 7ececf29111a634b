import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DevServiceError } from '../errors.ts';
import { findOnPath } from './find-binary.ts';

/** A user other than root, for servers that refuse to run as root. */
export interface SystemUser {
  name: string;
  uid: number;
  gid: number;
}

const EXECUTE_BY_OTHERS = 0o001;
const EXECUTE_BY_GROUP = 0o010;
const EXECUTE_BY_OWNER = 0o100;

/** Whether this process runs as root (always false on Windows). */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Whom a server is to run as that refuses root: nobody special for an ordinary user, otherwise `postgres` where the
 * system has it and else `nobody`. No user is created: development must not change the machine.
 *
 * @param folder the server's data; if it exists, its owner is the only one who can run the server
 * @throws {DevServiceError} when an ordinary user meets data of somebody else
 */
export function serverUser(folder?: string): SystemUser | undefined {
  const owner = folder === undefined ? undefined : ownerOf(folder);
  const uid = process.getuid?.();
  if (!isRoot()) {
    if (folder === undefined || owner === undefined || uid === undefined || owner.uid === uid)
      return undefined;
    throw new DevServiceError(
      `The folder ${folder} belongs to another user of this machine (was it made with sudo?): give it to yourself with ` +
        `"sudo chown -R ${uid} ${folder}", or remove it to begin with an empty database.`,
    );
  }
  if (owner !== undefined && owner.uid !== 0) return owner;
  const users = parsePasswd(readFileSync('/etc/passwd', 'utf8'));
  const user = users.find(({ name }) => name === 'postgres') ?? users.find(({ name }) => name === 'nobody');
  if (user !== undefined) return user;
  throw new DevServiceError(
    'PostgreSQL refuses to run as root and this system has neither a user "postgres" nor "nobody": run the command ' +
      'as an ordinary user.',
  );
}

function ownerOf(folder: string): SystemUser | undefined {
  if (!existsSync(folder)) return undefined;
  const { uid, gid } = statSync(folder);
  return { name: `user ${uid}`, uid, gid };
}

/** The entries of an `/etc/passwd` text. */
export function parsePasswd(text: string): SystemUser[] {
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || name === '' || uid === undefined || gid === undefined) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}

export interface Launch {
  command: string;
  args: string[];
  uid?: number;
  gid?: number;
}

/**
 * How to run a command as another user. Where the user cannot reach the given paths (a project under `/root`), it
 * is given the capability to pass them with `setpriv`, instead of opening root's folders to everybody.
 *
 * @throws {DevServiceError} when the paths are closed and there is no `setpriv`
 */
export function launchAs(
  user: SystemUser | undefined,
  command: string,
  args: readonly string[],
  paths: readonly string[],
): Launch {
  if (user === undefined) return { command, args: [...args] };
  const closed = [command, ...paths]
    .map((path) => closedFolder(path, user))
    .find((path) => path !== undefined);
  if (closed === undefined) return { command, args: [...args], uid: user.uid, gid: user.gid };
  const setpriv = findOnPath('setpriv');
  if (setpriv === undefined) {
    throw new DevServiceError(
      `The user "${user.name}", whom PostgreSQL runs as, cannot enter ${closed}: move the project to a folder that ` +
        'everybody may enter (for example /srv), or run the command as an ordinary user.',
    );
  }
  return {
    command: setpriv,
    args: [
      `--reuid=${user.uid}`,
      `--regid=${user.gid}`,
      '--clear-groups',
      '--inh-caps=+dac_override',
      '--ambient-caps=+dac_override',
      // Otherwise access(2), with which PostgreSQL looks for its own programs, disregards the capability.
      '--securebits=+no_setuid_fixup',
      '--',
      command,
      ...args,
    ],
  };
}

/** The first folder on the way to a path that this user may not enter. */
function closedFolder(path: string, user: SystemUser): string | undefined {
  const folders: string[] = [];
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  return folders.find((folder) => {
    const { mode, uid, gid } = statSync(folder);
    const bit = uid === user.uid ? EXECUTE_BY_OWNER : gid === user.gid ? EXECUTE_BY_GROUP : EXECUTE_BY_OTHERS;
    return (mode & bit) === 0;
  });
}
