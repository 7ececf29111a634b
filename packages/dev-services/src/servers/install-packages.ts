import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DevServiceError } from '../errors.ts';
import { startProcess } from '../processes/process.ts';

/** Asked by Debian's packages before they start a service; exit code 101 forbids it (invoke-rc.d(8)). */
const POLICY_FILE = '/usr/sbin/policy-rc.d';
const POLICY_MARK = '# written by plinth while it installs test servers';
const INSTALL_TIMEOUT_MS = 600_000;

/**
 * Installs packages with apt-get, without recommendations and without starting their services.
 *
 * @throws {DevServiceError} with the end of apt-get's output
 */
export async function installPackages(packages: readonly string[]): Promise<void> {
  const ours = forbidServiceStarts();
  try {
    // A list that cannot be refreshed may still do: an unreachable mirror shows at the installation.
    await aptGet(['update', '-qq']);
    const failure = await aptGet(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
    if (failure !== undefined) {
      throw new DevServiceError(
        `apt-get could not install ${packages.join(', ')}; install them by hand and try again. It said: ${failure}`,
      );
    }
  } finally {
    if (ours) rmSync(POLICY_FILE, { force: true });
  }
}

async function aptGet(args: readonly string[]): Promise<string | undefined> {
  const run = await startProcess({
    command: 'apt-get',
    args,
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      DEBIAN_FRONTEND: 'noninteractive',
    },
  });
  const timer = setTimeout(() => void run.close(), INSTALL_TIMEOUT_MS);
  const { code } = await run.exited;
  clearTimeout(timer);
  return code === 0 ? undefined : run.log().split('\n').slice(-4).join(' | ');
}

/** Returns whether the file is ours, to be removed; the machine's own policy is left alone. */
function forbidServiceStarts(): boolean {
  const exists = existsSync(POLICY_FILE);
  if (exists && !readFileSync(POLICY_FILE, 'utf8').includes(POLICY_MARK)) return false;
  writeFileSync(POLICY_FILE, `#!/bin/sh\n${POLICY_MARK}\nexit 101\n`, { mode: 0o755 });
  return true;
}
