import { execFileSync, spawnSync } from 'node:child_process';
import { DevServiceError } from '../errors.ts';
import { findFirst } from '../processes/find-binary.ts';
import type { Launch, SystemUser } from '../processes/system-user.ts';
import { CATALOGUE, type ServerName } from './catalogue.ts';
import { missingSentence } from './resolve.ts';

const IMAGE = 'plinth-test-servers:1';
const ENGINE_TIMEOUT_MS = 5_000;
const BUILD_TIMEOUT_MS = 600_000;

/** One image with all servers, from the same packages that a Debian machine would install. */
const DOCKERFILE = `
FROM debian:bookworm-slim
RUN apt-get update \\
 && apt-get install -y --no-install-recommends ${Object.values(CATALOGUE)
   .filter(({ container }) => container)
   .map(({ debianPackage }) => debianPackage)
   .join(' ')} \\
 && rm -rf /var/lib/apt/lists/*
`;

/** Whether the Docker engine answers. Linux only: elsewhere containers do not share the host's loopback interface. */
export function dockerAnswers(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], {
      stdio: 'ignore',
      timeout: ENGINE_TIMEOUT_MS,
    });
    return true;
  } catch {
    return false;
  }
}

/** @throws {DevServiceError} when the image cannot be built */
export async function buildServerImage(): Promise<void> {
  const build = spawnSync('docker', ['build', '--quiet', '--tag', IMAGE, '-'], {
    input: DOCKERFILE,
    encoding: 'utf8',
    timeout: BUILD_TIMEOUT_MS,
  });
  if (build.status === 0) return;
  const reason = build.stderr.trim().split('\n').at(-1) ?? build.error?.message ?? 'unknown reason';
  throw new DevServiceError(`The Docker image with the test servers could not be built (${reason}).`);
}

/**
 * How to run an installed server, or else the one in the Docker image. In a container it shares the host's network
 * and has its folder at the same path, so configuration and log lines are the same as outside; `docker run` hands
 * signals on, and the container goes with its process.
 *
 * @param folder where its configuration is
 * @throws {DevServiceError} when it is neither installed nor to be had from Docker
 */
export function launchServer(
  name: ServerName,
  args: readonly string[],
  folder: string,
  user?: SystemUser,
): Launch {
  const identity = user === undefined ? {} : { uid: user.uid, gid: user.gid };
  const command = findFirst(CATALOGUE[name].binaries);
  if (command !== undefined) return { command, args: [...args], ...identity };
  if (!dockerAnswers()) throw new DevServiceError(missingSentence([name]));
  const uid = user?.uid ?? process.getuid?.();
  const gid = user?.gid ?? process.getgid?.();
  const [program = name] = CATALOGUE[name].binaries;
  return {
    command: 'docker',
    args: [
      ...['run', '--rm', '--init', '--network', 'host', '--mount', bindMount(folder)],
      ...(uid === undefined || gid === undefined ? [] : ['--user', `${uid}:${gid}`]),
      IMAGE,
      program,
      ...args,
    ],
  };
}

/** The folder at the same path inside. `--volume` breaks at a colon; the fields of `--mount` are CSV (RFC 4180). */
function bindMount(folder: string): string {
  const fields = ['type=bind', `source=${folder}`, `target=${folder}`];
  return fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
}
