import { readFileSync } from 'node:fs';
import { environment } from '../dev-services.config.ts';
import { DevServiceError } from '../errors.ts';
import { findOnPath } from '../processes/find-binary.ts';
import { isRoot } from '../processes/system-user.ts';
import { findBrowser } from './browser.ts';
import { CATALOGUE, type ServerName } from './catalogue.ts';
import { buildServerImage, dockerAnswers } from './docker.ts';
import { installPackages } from './install-packages.ts';
import { missingSentence, type Probes, type Resolution, resolveServer } from './resolve.ts';

/** A server that is ready to be used or started. */
export type ReadyServer = Extract<Resolution, { kind: 'url' | 'binary' | 'docker' }>;

/**
 * Finds every server and installs all that are missing in one go.
 *
 * @param onProgress called with one line for people before anything that takes time
 * @throws {DevServiceError} one sentence with everything that cannot be had on this machine
 */
export async function ensureServers<Name extends ServerName>(
  names: readonly Name[],
  onProgress: (line: string) => void = console.log,
  probes: Probes = machineProbes(),
): Promise<Record<Name, ReadyServer>> {
  const first = names.map((name) => ({ name, resolution: resolveServer(name, probes) }));
  const missing = first.flatMap(({ name, resolution }) => (resolution.kind === 'missing' ? [name] : []));
  if (missing.length > 0) throw new DevServiceError(missingSentence(missing));

  const packages = first.flatMap(({ resolution }) =>
    resolution.kind === 'package' ? [resolution.name] : [],
  );
  if (packages.length > 0) {
    onProgress(`Installing ${packages.join(', ')} with apt-get (once) …`);
    await installPackages(packages);
  }
  if (first.some(({ resolution }) => resolution.kind === 'docker')) {
    onProgress('Building the Docker image with the test servers (once) …');
    await buildServerImage();
  }

  const ready = first.map(({ name, resolution }) => {
    const found = resolution.kind === 'package' ? resolveServer(name, probes) : resolution;
    if (found.kind === 'package' || found.kind === 'missing') {
      throw new DevServiceError(
        `The package "${CATALOGUE[name].debianPackage}" was installed, yet ${CATALOGUE[name].title} does not run: ` +
          `install ${CATALOGUE[name].advice}.`,
      );
    }
    return [name, found] as const;
  });
  return Object.fromEntries(ready) as Record<Name, ReadyServer>;
}

/** What this machine really has. */
export function machineProbes(): Probes {
  return {
    variable: (name) => environment[name],
    binary: (name, names) => {
      if (name === 'chromium') return findBrowser(names);
      return names.map((binary) => findOnPath(binary)).find((path) => path !== undefined);
    },
    docker: dockerAnswers,
    installer: () => {
      if (!isRoot() || findOnPath('apt-get') === undefined) return undefined;
      return { system: systemId() };
    },
  };
}

function systemId(): string {
  try {
    return /^ID="?([a-z]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
