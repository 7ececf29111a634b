/** `npm run dev`: checks what could be in the way, then runs services, API, worker and web app under `turbo dev`. */
import { createRequire } from 'node:module';
import { stripVTControlCharacters } from 'node:util';
import {
  alreadyRunning,
  lockHolder,
  onStopRequest,
  portInUse,
  readSecrets,
  startProcess,
  waitForLockRelease,
} from '@plinth/dev-services';
import { BACKEND, DEV, ROOT } from './folders.ts';

/** Longer than the 10 s that turbo leaves its tasks. */
const STOP_TIMEOUT_MS = 15_000;
/** The services' own prefix adds nothing to their messages; the apps keep theirs. */
const SERVICES_PREFIX = '//:services: ';

const settings = { ...(await readSecrets(BACKEND)), ...process.env };
const apiPort = Number(settings.PORT || 4000);
const webPort = Number(settings.WEB_PORT || 3000);

async function whatIsInTheWay(): Promise<string | undefined> {
  const holder = lockHolder(DEV);
  if (holder !== undefined) return alreadyRunning(holder);
  return (
    (await portInUse(apiPort, 'the API', 'PORT')) ?? (await portInUse(webPort, 'the web app', 'WEB_PORT'))
  );
}

function print(line: string): void {
  const plain = stripVTControlCharacters(line);
  console.log(plain.startsWith(SERVICES_PREFIX) ? plain.slice(SERVICES_PREFIX.length) : line);
}

const problem = await whatIsInTheWay();
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}

let stopping = false;
const color = process.stdout.hasColors?.() ? { FORCE_COLOR: '1' } : {};
const turbo = await startProcess({
  command: process.execPath,
  args: [createRequire(import.meta.url).resolve('turbo/bin/turbo'), 'run', 'dev', ...process.argv.slice(2)],
  cwd: ROOT,
  env: {
    API_URL: `http://localhost:${apiPort}`,
    WEB_ORIGIN: `http://localhost:${webPort}`,
    ...process.env,
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
