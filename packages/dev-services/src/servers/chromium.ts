import { isRoot } from '../processes/system-user.ts';
import { ensureServers } from './ensure.ts';

/** Chromium's sandbox refuses root; the other flags keep the browser from talking to its maker. */
const QUIET_FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * The path of a browser for Playwright's `executablePath`, installed if need be.
 *
 * @throws {DevServiceError} when there is none and none can be installed
 */
export async function findChromium(): Promise<string> {
  const { chromium } = await ensureServers(['chromium']);
  if (chromium.kind !== 'binary') throw new Error(`A browser cannot be ${chromium.kind}.`);
  return chromium.path;
}

/** Command-line flags for a headless browser in tests. */
export function chromiumFlags(): string[] {
  return isRoot() ? ['--no-sandbox', ...QUIET_FLAGS] : QUIET_FLAGS;
}
