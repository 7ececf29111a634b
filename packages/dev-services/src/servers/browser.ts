import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { findOnPath } from '../processes/find-binary.ts';

const VERSION_TIMEOUT_MS = 20_000;
const MACOS_CHROME = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/**
 * The path of the first of these browsers that really runs, else of Chrome in macOS's place or of the one that
 * `npx playwright-core install chromium` has fetched. Each is asked for its version, because on Ubuntu the command
 * may be a stub that only points to the snap store.
 */
export function findBrowser(names: readonly string[]): string | undefined {
  const installed = [...names.flatMap((name) => findOnPath(name) ?? []), MACOS_CHROME].find(isChromium);
  if (installed !== undefined) return installed;
  const fetched = playwrightChromium();
  return isChromium(fetched) ? fetched : undefined;
}

/** Loaded only when it is needed: Playwright takes longer to load than everything else here. */
function playwrightChromium(): string {
  const { chromium }: typeof import('playwright-core') = createRequire(import.meta.url)('playwright-core');
  return chromium.executablePath();
}

function isChromium(path: string): boolean {
  if (!existsSync(path)) return false;
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
