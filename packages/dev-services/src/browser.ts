import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { findOnPath } from './find-binary.ts';

const VERSION_TIMEOUT_MS = 20_000;
const MACOS_CHROME = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/**
 * The path of the first of these browsers that really runs, else of Chrome in macOS's place or of the one that
 * `npx playwright-core install chromium` has fetched. Each is asked for its version, because on Ubuntu the command
 * may be a stub that only points to the snap store.
 */
export function findBrowser(names: readonly string[]): string | undefined {
  const candidates = [
    ...names.flatMap((name) => findOnPath(name) ?? []),
    MACOS_CHROME,
    chromium.executablePath(),
  ];
  return candidates.find((path) => existsSync(path) && isChromium(path));
}

function isChromium(path: string): boolean {
  try {
    const version = execFileSync(path, ['--version'], {
      encoding: 'utf8',
      timeout: VERSION_TIMEOUT_MS,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /Chrom/.test(version);
  } catch {
    return false;
  }
}
