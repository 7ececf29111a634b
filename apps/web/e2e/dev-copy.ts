/** A copy of this repository in which `npm run dev` runs for real and whose files a test may change. */
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { freePort, type RunningProcess, startProcess } from '@plinth/dev-services';

const ROOT = join(import.meta.dirname, '../../..');
const NOT_COPIED = new Set([
  'node_modules',
  'dist',
  '.git',
  '.turbo',
  '.dev',
  '.env',
  'generated',
  'test-results',
]);
const STOP_TIMEOUT_MS = 20_000;

/** The same packages, but each workspace leads into the copy: its link is relative. */
async function linkPackages(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.name === '@plinth') await linkPackages(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (entry.name !== '.vite' && entry.name !== '.cache') await symlink(source, target);
  }
}

async function copyRepository(to: string): Promise<void> {
  await cp(ROOT, to, {
    recursive: true,
    filter: (path) => relative(ROOT, path) === '' || !NOT_COPIED.has(basename(path)),
  });
  const workspaces = ['', 'scripts'];
  for (const folder of ['apps', 'packages'])
    workspaces.push(...(await readdir(join(ROOT, folder))).map((name) => join(folder, name)));
  for (const workspace of workspaces) {
    const packages = join(workspace, 'node_modules');
    await linkPackages(join(ROOT, packages), join(to, packages)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

/** The environment of a terminal: nothing of the test run that starts it. */
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(?:npm_|TURBO_|TEST_|JEST_|NODE_ENV$|DEV_FOLDER$|(?:DATABASE|DIRECT|REDIS)_URL$)/.test(name),
    ),
  );

/**
 * Starts `npm run dev` in a copy, on free ports and with data of its own.
 * @throws with the log when it ends before it is ready
 */
export async function startDevelopment() {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-dev-e2e-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const ports = { api: await freePort(), web: await freePort(), worker: await freePort() };
  let dev: RunningProcess | undefined;
  try {
    await copyRepository(folder);
    dev = await startProcess({
      command: 'npm',
      args: ['run', 'dev'],
      cwd: folder,
      env: {
        ...cleanEnvironment(),
        PORT: `${ports.api}`,
        WEB_PORT: `${ports.web}`,
        WORKER_PORT: `${ports.worker}`,
      },
      stopSignal: 'SIGINT',
      stopGroup: true,
      stopTimeoutMs: STOP_TIMEOUT_MS,
    });
    if (!(await dev.waitForLine(/Plinth is running/)))
      throw new Error(`npm run dev ended before it was ready:\n${dev.log()}`);
  } catch (error) {
    await dev?.close();
    await remove();
    throw error;
  }
  const running = dev;
  return {
    web: `http://localhost:${ports.web}`,
    api: `http://localhost:${ports.api}`,
    log: running.log,
    /** Replaces a text in a file as careful editors do: a new file takes the place of the old one. */
    edit: async (path: string, from: string, to: string) => {
      const file = join(folder, path);
      const before = await readFile(file, 'utf8');
      if (!before.includes(from)) throw new Error(`${path} has no "${from}" to be changed.`);
      await writeFile(`${file}~`, before.replace(from, to));
      await rename(`${file}~`, file);
    },
    close: async () => {
      await running.close();
      await remove();
    },
  };
}
