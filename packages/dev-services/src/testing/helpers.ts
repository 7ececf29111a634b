import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { markOf } from '../processes/liveness.ts';

const GONE_TIMEOUT_MS = 20_000;
const POLL_MS = 20;
const INDEX = new URL('../index.ts', import.meta.url).href;

/** A temporary folder that is removed when its `using` block ends. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'plinth-dev-services-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Waits until a process that is no child of this one has ended. False if it does not. */
export async function isGone(pid: number, timeoutMs = GONE_TIMEOUT_MS): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if (markOf(pid) === undefined) return true;
    await sleep(POLL_MS);
  }
  return false;
}

/**
 * Another process that runs this code with the package as `services` and then stays until it is killed.
 *
 * @returns the first line that the code printed, and how to kill the process without any warning
 */
export async function startOwner(
  code: string,
): Promise<{ line: string; pid: number; killHard(): Promise<void> }> {
  const script = `import * as services from ${JSON.stringify(INDEX)};\n${code}\nsetInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(owner, 'exit');
  const [line] = await Promise.race([
    once(createInterface(owner.stdout), 'line'),
    ended.then(() => Promise.reject(new Error('The owner ended before it printed anything.'))),
  ]);
  return {
    line: String(line),
    pid: owner.pid ?? 0,
    killHard: async () => {
      owner.kill('SIGKILL');
      await ended;
    },
  };
}
