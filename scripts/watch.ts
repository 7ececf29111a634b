/**
 * Restarts a process when the code that it runs has changed. Node's own `--watch` loses a file that was replaced by
 * rename (`git checkout`, `sed -i`, editors that write safely), and stale code runs on.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { RunningProcess } from '@plinth/dev-services';
import { watch as watchFiles } from 'chokidar';

/** A burst of changes (a checkout, "save all") is over when nothing has changed for so long, in milliseconds. */
const QUIET_MS = 100;
const WORKSPACE = '@plinth/';
/** Not part of what runs. */
const IGNORED_FOLDERS = ['node_modules', 'dist', 'test-results', '.turbo', 'testing'];
const IGNORED_FILES = /\.(?:test|suite)\.tsx?$|~$|\.sw[a-z]$|\.tmp(?:\.|$)/;

/** The source folders of a package and of all workspaces that it depends on, directly or not. */
export function sourceFolders(packageFolder: string, root: string): string[] {
  const found = new Set<string>();
  const visit = (folder: string): void => {
    const source = join(folder, 'src');
    if (found.has(source) || !existsSync(source)) return;
    found.add(source);
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) {
      if (name.startsWith(WORKSPACE)) visit(realpathSync(join(root, 'node_modules', name)));
    }
  };
  visit(realpathSync(packageFolder));
  return [...found];
}

/** Tells changes below some paths, one burst at a time. */
function createChanges(paths: readonly string[]) {
  const watcher = watchFiles([...paths], {
    ignoreInitial: true,
    ignored: (path) => IGNORED_FOLDERS.includes(basename(path)) || IGNORED_FILES.test(path),
  });
  let first: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let burst = Promise.withResolvers<string>();
  watcher.on('all', (_event, path) => {
    first ??= path;
    clearTimeout(timer);
    timer = setTimeout(() => burst.resolve(first ?? path), QUIET_MS);
  });
  return {
    ready: new Promise<void>((resolve, reject) => {
      watcher.once('ready', resolve);
      watcher.once('error', reject);
    }),
    /** The first file of the next burst, or of one since the last call of `forget`. */
    next: () => burst.promise,
    forget: () => {
      clearTimeout(timer);
      first = undefined;
      burst = Promise.withResolvers<string>();
    },
    close: () => {
      clearTimeout(timer);
      return watcher.close();
    },
  };
}

export interface Watched {
  /** Files and folders, also ones that do not exist yet. */
  readonly paths: readonly string[];
  /** For messages: paths are told relative to it. */
  readonly root: string;
  /** Starts the process. It is called again only after the one before has ended, so that its port is free. */
  start(): Promise<RunningProcess>;
  readonly signal: AbortSignal;
}

/** Runs a process until the signal aborts, and anew after each burst of changes. One that failed waits for a change. */
export async function runWatched({ paths, root, start, signal }: Watched): Promise<void> {
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const changes = createChanges(paths);
  try {
    await changes.ready;
    while (!signal.aborted) {
      changes.forget();
      const child = await start();
      const exit = await Promise.race([child.exited, changes.next(), aborted]);
      if (typeof exit === 'object')
        console.error(`Ended with ${exit.signal ?? `code ${exit.code}`}: starts again when a file is saved.`);
      const changed = await Promise.race([changes.next(), aborted]);
      if (changed !== undefined) console.log(`${relative(root, changed)} has changed: restarting.`);
      await child.close();
    }
  } finally {
    await changes.close();
  }
}
