import { type ChildProcess, spawn } from 'node:child_process';
import { DevServiceError } from '../errors.ts';

const LOG_TAIL_LINES = 200;
const OUTPUT_GRACE_MS = 500;
const WATCHDOG_TURN_MS = 100;
const DEFAULT_STOP_TIMEOUT_MS = 5_000;

/**
 * Ends the server when its owner disappears without closing it (SIGKILL, out of memory): the watchdog's standard
 * input is a pipe from the owner, so it reads a line at an orderly end and end-of-file at a sudden one.
 */
const WATCHDOG = `
if read -r _; then exit 0; fi
kill -s "$2" -- "$1" 2>/dev/null || exit 0
turns=0
while kill -s 0 -- "$1" 2>/dev/null; do
  if [ "$turns" -ge "$3" ]; then kill -s KILL -- "-$4"; exit 0; fi
  turns=$((turns + 1))
  sleep 0.1
done
`;

export type StopSignal = 'SIGTERM' | 'SIGINT';

export interface ProcessOptions {
  command: string;
  args: readonly string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Run as this user and group; only root may. */
  uid?: number;
  gid?: number;
  /** What an orderly end is asked with; default SIGTERM. */
  stopSignal?: StopSignal;
  /** Milliseconds between the stop signal and SIGKILL; default 5000. */
  stopTimeoutMs?: number;
  /** Send the stop signal to the whole process group, for a command that does not hand it on to its children. */
  stopGroup?: boolean;
  /** Called with every line of output. */
  onLine?: (line: string) => void;
  /** `inherit` writes straight to this process's output instead of keeping the last lines; default `capture`. */
  output?: 'capture' | 'inherit';
}

export interface ExitStatus {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  pid: number;
  /** The last lines of standard output and error. */
  log(): string;
  /** Settles when the process has ended, for whatever reason. */
  exited: Promise<ExitStatus>;
  /** Resolves with true at the first line that matches, with false if the process ends before. */
  waitForLine(pattern: RegExp): Promise<boolean>;
  /** Stop signal, bounded wait, SIGKILL. Safe to call twice. */
  close(): Promise<void>;
  /** Repeats the stop signal, for commands that understand a second one as "at once". */
  insist(): void;
}

/**
 * Starts a server in a process group of its own, so that the terminal's Ctrl-C reaches only its owner, which ends
 * its servers in the right order. The server also ends when the owner is killed hard.
 *
 * @throws {DevServiceError} when the command cannot be started
 */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const child = spawn(options.command, options.args, {
    detached: true,
    stdio: options.output === 'inherit' ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  const pid = await spawned(child);
  const stopSignal = options.stopSignal ?? 'SIGTERM';
  const stopTimeoutMs = options.stopTimeoutMs ?? DEFAULT_STOP_TIMEOUT_MS;
  const target = options.stopGroup ? -pid : pid;
  const watchdog = startWatchdog({ pid, target, stopSignal, stopTimeoutMs });
  const output = collectOutput(child, options.onLine);

  let ended = false;
  const exited = ending(child).then(async (status) => {
    ended = true;
    await watchdog.dismiss();
    return status;
  });

  let closing: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    if (ended) return;
    signalProcess(target, stopSignal);
    const timer = setTimeout(() => signalProcess(-pid, 'SIGKILL'), stopTimeoutMs);
    await exited;
    clearTimeout(timer);
  };

  return {
    pid,
    exited,
    log: output.text,
    waitForLine: (pattern) => Promise.race([output.waitForLine(pattern), exited.then(() => false)]),
    close: () => {
      closing ??= stop();
      return closing;
    },
    insist: () => {
      if (!ended) signalProcess(target, stopSignal);
    },
  };
}

/** Sends a signal to a process, or to a whole group when the id is negative; one that has ended is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function spawned(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(new DevServiceError(`The program ${child.spawnfile} cannot be started (${error.message}).`));
    });
    child.once('spawn', () => {
      if (child.pid !== undefined) resolve(child.pid);
    });
  });
}

/**
 * The end of a process including its last output. A grandchild that keeps the pipes open is not waited for, neither here
 * nor when the owner ends: a pipe that is read keeps a process alive.
 */
function ending(child: ChildProcess): Promise<ExitStatus> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ code, signal });
      }, OUTPUT_GRACE_MS);
      child.once('close', () => {
        clearTimeout(timer);
        resolve({ code, signal });
      });
    });
  });
}

interface Watched {
  pid: number;
  /** What the stop signal goes to: the process, or its group as a negative number. */
  target: number;
  stopSignal: StopSignal;
  stopTimeoutMs: number;
}

function startWatchdog({ pid, target, stopSignal, stopTimeoutMs }: Watched): { dismiss(): Promise<void> } {
  const args = [`${target}`, stopSignal.slice(3), `${Math.ceil(stopTimeoutMs / WATCHDOG_TURN_MS)}`, `${pid}`];
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'watchdog', ...args], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  const gone = new Promise<void>((resolve) => {
    watchdog.once('exit', () => resolve());
    // Without a shell there is no watchdog; the server itself is not affected.
    watchdog.once('error', () => resolve());
  });
  watchdog.stdin.on('error', () => undefined);
  return {
    dismiss: () => {
      watchdog.stdin.end('closed\n');
      return gone;
    },
  };
}

function collectOutput(child: ChildProcess, onLine: ((line: string) => void) | undefined) {
  const tail: string[] = [];
  const waiting = new Set<{ pattern: RegExp; resolve: (found: boolean) => void }>();

  const accept = (line: string): void => {
    tail.push(line);
    if (tail.length > LOG_TAIL_LINES) tail.shift();
    onLine?.(line);
    for (const waiter of waiting) {
      if (!waiter.pattern.test(line)) continue;
      waiting.delete(waiter);
      waiter.resolve(true);
    }
  };

  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8');
    stream?.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) accept(line);
    });
    stream?.on('end', () => {
      if (rest !== '') accept(rest);
    });
  }

  return {
    text: () => tail.join('\n'),
    waitForLine: (pattern: RegExp) =>
      new Promise<boolean>((resolve) => {
        if (tail.some((line) => pattern.test(line))) resolve(true);
        else waiting.add({ pattern, resolve });
      }),
  };
}
