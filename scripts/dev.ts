/** `npm run dev`: checks what could be in the way, then runs services, API, worker and web app under `turbo dev`. */
import './loopback.mjs';
import { createRequire } from 'node:module';
import { stripVTControlCharacters } from 'node:util';
import {
  alreadyRunning,
  checkStorage,
  choosePorts,
  DevServiceError,
  explain,
  lockHolder,
  onStopRequest,
  readSecrets,
  startProcess,
  waitForLockRelease,
} from '@plinth/dev-services';
import { BACKEND, DATABASE, DEV, ROOT } from './folders.ts';
import { DEV_PORTS } from './ports.ts';

/** Longer than the 10 s that turbo leaves its tasks. */
const STOP_TIMEOUT_MS = 15_000;
/** The services' own prefix adds nothing to their messages; the apps keep theirs. */
const SERVICES_PREFIX = '//:services: ';

const settings = { ...(await readSecrets(BACKEND)), ...process.env };

/** @throws {DevServiceError} when something is in the way of a start */
async function prepare() {
  checkStorage([ROOT, DEV, BACKEND, DATABASE], DEV);
  let holder = lockHolder(DEV);
  if (holder?.command !== undefined) {
    console.log(`Waiting for "${holder.command}" (process ${holder.pid}) to end.`);
    await waitForLockRelease(DEV);
    holder = lockHolder(DEV);
  }
  if (holder !== undefined) throw new DevServiceError(alreadyRunning(holder));
  return choosePorts(DEV_PORTS, settings);
}

function print(line: string): void {
  const plain = stripVTControlCharacters(line);
  console.log(plain.startsWith(SERVICES_PREFIX) ? plain.slice(SERVICES_PREFIX.length) : line);
}

const ports = await prepare().catch((error: unknown) => {
  console.error(explain(error));
  process.exit(1);
});

let stopping = false;
const color = process.stdout.hasColors?.() ? { FORCE_COLOR: '1' } : {};
const turbo = await startProcess({
  command: process.execPath,
  args: [createRequire(import.meta.url).resolve('turbo/bin/turbo'), 'run', 'dev', ...process.argv.slice(2)],
  cwd: ROOT,
  env: {
    API_URL: `http://localhost:${ports.PORT}`,
    WEB_ORIGIN: `http://localhost:${ports.WEB_PORT}`,
    ...process.env,
    PORT: `${ports.PORT}`,
    WEB_PORT: `${ports.WEB_PORT}`,
    ...color,
    TURBO_TELEMETRY_DISABLED: '1',
  },
  // Turbo tells its tasks with SIGINT and waits for them; its npm wrapper does not hand signals on.
  stopSignal: 'SIGINT',
  stopGroup: true,
  stopTimeoutMs: STOP_TIMEOUT_MS,
  onLine: print,
});

onStopRequest({
  stop: () => {
    stopping = true;
    void turbo.close();
  },
  // Turbo answers a second signal with SIGKILL for its tasks; the databases are still shut down in order.
  insist: turbo.insist,
});

const { code } = await turbo.exited;
await waitForLockRelease(DEV);
process.exit(stopping ? 0 : (code ?? 1));
