/**
 * `node scripts/with-services.ts [--watch] <command…>`: waits for the development services of this folder and runs the
 * command with their addresses and the backend's secrets in its environment. What is set already wins. With `--watch`
 * it runs anew after each change of the code of the package in this folder, of the packages it uses, or of the secrets.
 */
import './loopback.mjs';
import { join } from 'node:path';
import {
  DevServiceError,
  explain,
  onStopRequest,
  type RunningProcess,
  readSecrets,
  redisNamespace,
  startProcess,
  toEnvironment,
  waitForServices,
} from '@plinth/dev-services';
import { BACKEND, DEV, ROOT } from './folders.ts';
import { runWatched, sourceFolders } from './watch.ts';

const STOP_TIMEOUT_MS = 8_000;
/** Under turbo the services are being started at this very moment, perhaps after the Prisma client was generated. */
const { env } = process;
const APPEAR_MS = env.TURBO_HASH === undefined ? 5_000 : 120_000;

const watch = process.argv[2] === '--watch';
const [command, ...args] = process.argv.slice(watch ? 3 : 2);
const stopping = new AbortController();

async function start(): Promise<RunningProcess> {
  if (command === undefined)
    throw new DevServiceError('Usage: node scripts/with-services.ts [--watch] <command> [arguments]');
  const services = await waitForServices(DEV, {
    appearMs: APPEAR_MS,
    signal: stopping.signal,
  });
  return startProcess({
    command,
    args,
    env: {
      REDIS_NAMESPACE: redisNamespace(DEV, 'dev'),
      ...(await readSecrets(BACKEND)),
      ...toEnvironment(services),
      ...process.env,
    },
    output: 'inherit',
    stopTimeoutMs: STOP_TIMEOUT_MS,
  });
}

async function run(): Promise<number> {
  if (watch) {
    const paths = [...sourceFolders(process.cwd(), ROOT), join(BACKEND, '.env')];
    await runWatched({ paths, root: ROOT, start, signal: stopping.signal });
    return 0;
  }
  const child = await start();
  stopping.signal.addEventListener('abort', () => void child.close());
  if (stopping.signal.aborted) void child.close();
  const { code } = await child.exited;
  return stopping.signal.aborted ? 0 : (code ?? 1);
}

onStopRequest({ stop: () => stopping.abort() });

try {
  process.exit(await run());
} catch (error) {
  if (stopping.signal.aborted) process.exit(0);
  console.error(explain(error));
  process.exit(1);
}
