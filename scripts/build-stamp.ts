/**
 * Whether what is built was made from the source as it is now. A build notes Turborepo's hash of its task, which covers
 * the package, the packages that it depends on and the lock file: contents, not times, so that a checkout, a clone or a
 * build out of the cache is told apart from a change.
 *
 * `node ../../scripts/build-stamp.ts` is the last step of a package's build.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** In a package. Begins with a dot: it is neither served nor part of the image. */
const STAMP = 'dist/.build';
const MAX_PLAN_BYTES = 64 * 1024 * 1024;

const readStamp = (folder: string): string | undefined => {
  const path = join(folder, STAMP);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
};

/**
 * The packages, of these, whose build is of another source than the present one; also one that was not built by
 * Turborepo, because nothing can be said of it.
 * @param root the repository
 * @param packages folders, from the root
 * @throws when Turborepo cannot make its plan
 */
export async function staleBuilds(root: string, packages: readonly string[]): Promise<string[]> {
  const turbo = createRequire(import.meta.url).resolve('turbo/bin/turbo');
  const { stdout } = await promisify(execFile)(process.execPath, [turbo, 'run', 'build', '--dry=json'], {
    cwd: root,
    maxBuffer: MAX_PLAN_BYTES,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  });
  const { tasks } = JSON.parse(stdout);
  return packages.filter((name) => {
    const plan = tasks.find(
      (task: { directory: string; task: string }) => task.directory === name && task.task === 'build',
    );
    return plan === undefined || readStamp(join(root, name)) !== plan.hash;
  });
}

/** What to say of stale builds. */
export const staleBuildWarning = (stale: readonly string[]): string =>
  `The source of ${stale.join(' and ')} has changed since it was built: what starts now is the older build. Run "npm run build" for the newer one.`;

/** A sentence when builds are stale, or when nobody can tell. Never a reason not to start. */
export async function judgeBuilds(root: string, packages: readonly string[]): Promise<string | undefined> {
  try {
    const stale = await staleBuilds(root, packages);
    return stale.length > 0 ? staleBuildWarning(stale) : undefined;
  } catch {
    return 'Whether the build is of the present source could not be found out: Turborepo gave no plan. See "npx turbo run build --dry".';
  }
}

if (import.meta.main) writeFileSync(STAMP, process.env.TURBO_HASH ?? '');
