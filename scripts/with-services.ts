/**
 * `node scripts/with-services.ts <command…>`: waits for the development services of this folder and runs the command
 * with their addresses and the backend's secrets in its environment. What is set already wins.
 */
import {
  DevServiceError,
  explain,
  onStopRequest,
  readSecrets,
  startProcess,
  toEnvironment,
  waitForServices,
} from '@plinth/dev-services';
import { BACKEND, DEV } from './folders.ts';

const STOP_TIMEOUT_MS = 8_000;
/** Under turbo the services are being started at this very moment, perhaps after the Prisma client was generated. */
const { env } = process;
const APPEAR_MS = env.TURBO_HASH === undefined ? 5_000 : 120_000;

const [command, ...args] = process.argv.slice(2);
const stopping = new AbortController();

async function run(): Promise<number> {
  if (command === undefined)
    throw new DevServiceError('Usage: node scripts/with-services.ts <command> [arguments]');
  const services = await waitForServices(DEV, {
    appearMs: APPEAR_MS,
    signal: stopping.signal,
  });
  const child = await startProcess({
    command,
    args,
    env: { ...(await readSecrets(BACKEND)), ...toEnvironment(services), ...process.env },
    output: 'inherit',
    stopTimeoutMs: STOP_TIMEOUT_MS,
  });
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
