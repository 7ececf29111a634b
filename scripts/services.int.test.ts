import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { migrationStatus } from '@plinth/database/migrations';
import { freePort, markOf, readServicesFile, untilAnswers, waitForServices } from '@plinth/dev-services';

const ROOT = join(import.meta.dirname, '..');
const DEADLINE_MS = 120_000;

/** Stands in for `.dev`, so that a development session in this folder is not disturbed. */
let folder: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-dev-'));
  const { DATABASE_URL: _, DIRECT_URL: __, REDIS_URL: ___, ...rest } = process.env;
  env = { ...rest, DEV_FOLDER: folder, NODE_ENV: 'development' };
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts one of the scripts in a process group of its own, as a terminal does. */
function start(script: string, args: string[] = [], extra: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ['--conditions=development', join('scripts', script), ...args], {
    cwd: ROOT,
    env: { ...env, ...extra },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = once(child, 'close').then(([code]) => Number(code));
  const pid = child.pid ?? 0;
  return {
    pid,
    ended,
    output: () => output,
    /** Ctrl-C: the terminal signals the whole group, and npm hands the signal on once more. */
    ctrlC: () => {
      process.kill(-pid, 'SIGINT');
      process.kill(pid, 'SIGINT');
    },
    /** For the end of a test that failed. */
    kill: () => {
      if (markOf(pid) !== undefined) process.kill(-pid, 'SIGKILL');
    },
  };
}

const run = (script: string, args: string[]) =>
  spawnSync(process.execPath, ['--conditions=development', join('scripts', script), ...args], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });

/** Every running process by its parent. */
function processTable(): { pid: number; parent: number }[] {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
    return stdout.split('\n').map((line) => {
      const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
      return { pid, parent };
    });
  }
  return readdirSync('/proc').flatMap((name) => {
    const path = `/proc/${name}/stat`;
    if (!/^\d+$/.test(name) || !existsSync(path)) return [];
    const stat = readFileSync(path, 'utf8');
    return [{ pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }];
  });
}

/** A process with all that it has started, directly or not. */
function family(pid: number, table = processTable()): number[] {
  return [pid, ...table.filter(({ parent }) => parent === pid).flatMap((child) => family(child.pid, table))];
}

async function untilNoneRuns(pids: readonly number[], timeoutMs: number): Promise<number[]> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const alive = pids.filter((pid) => markOf(pid) !== undefined);
    if (alive.length === 0 || Date.now() > deadline) return alive;
    await sleep(50);
  }
}

describe('the development services', () => {
  test(
    'bring a migrated database, run a command with their addresses, and leave nothing behind',
    async () => {
      const services = start('services.ts', ['--quiet']);
      try {
        const { databaseUrl, directUrl } = await waitForServices(folder);
        expect((await migrationStatus(directUrl)).upToDate).toBe(true);
        expect(statSync(join(folder, 'services.json')).mode & 0o077).toBe(0);

        const shown = run('with-services.ts', [
          process.execPath,
          '-p',
          '[process.env.DATABASE_URL, process.env.JWT_SECRET.length >= 32].join()',
        ]);
        expect(shown.stdout.trim()).toBe(`${databaseUrl},true`);
        expect(run('with-services.ts', [process.execPath, '-e', 'process.exit(7)']).status).toBe(7);

        const second = run('services.ts', []);
        expect(second.status).toBe(1);
        expect(second.stderr).toMatch(/^The development services of this folder already run \(process \d+/);

        const everybody = family(services.pid);
        services.ctrlC();
        expect(await services.ended).toBe(0);
        expect(await untilNoneRuns(everybody, 5_000)).toEqual([]);
        expect(await readServicesFile(folder)).toBeUndefined();
      } finally {
        services.kill();
      }
    },
    DEADLINE_MS,
  );

  test(
    'show the ready screen behind a proxy that does not answer: this machine is not asked through it',
    async () => {
      const proxy = `http://127.0.0.1:${await freePort()}`;
      const apps = [createServer((_, res) => res.end()), createServer((_, res) => res.end())];
      const [api, web] = await Promise.all(
        apps.map(async (app) => {
          await once(app.listen(0, 'localhost'), 'listening');
          const address = app.address();
          return typeof address === 'object' ? `${address?.port}` : '';
        }),
      );
      const proxies = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, http_proxy: proxy, https_proxy: proxy };
      const services = start('preflight.mjs', ['services'], {
        ...proxies,
        NODE_USE_ENV_PROXY: '1',
        NO_PROXY: 'example.org',
        no_proxy: undefined,
        PORT: api,
        WEB_PORT: web,
      });
      try {
        const ready = new RegExp(`http://localhost:${web}\\b`);
        const gaveUp = Date.now() + DEADLINE_MS / 2;
        while (!ready.test(services.output())) {
          if (Date.now() > gaveUp || markOf(services.pid) === undefined)
            throw new Error(`No ready screen:\n${services.output()}`);
          await sleep(50);
        }
        services.ctrlC();
        expect(await services.ended).toBe(0);
      } finally {
        services.kill();
        for (const app of apps) app.close();
      }
    },
    DEADLINE_MS,
  );

  test('that do not run are one sentence for a command that needs them', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--conditions=development', 'scripts/with-services.ts', 'true'],
      { cwd: ROOT, env: { ...env, TURBO_HASH: undefined }, encoding: 'utf8' },
    );
    expect(stderr.trim()).toBe(
      'The development services do not run: start everything with "npm run dev", or only them with "npm run services".',
    );
    expect(status).toBe(1);
  });

  test('that cannot reach the database of the environment say so in one sentence', async () => {
    const services = start('services.ts', ['--quiet'], {
      DATABASE_URL: `postgresql://a:b@127.0.0.1:${await freePort()}/c`,
    });
    expect(await services.ended).toBe(1);
    expect(services.output()).toMatch(/^Cannot connect to c at 127\.0\.0\.1:\d+\. Nothing answers .*\n$/);
  });
});

describe('npm run dev', () => {
  test('names who uses a port that it needs', async () => {
    const port = await freePort();
    const blocker = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('ready'))`,
    ]);
    try {
      await once(blocker.stdout, 'data');
      const dev = start('dev.ts', [], { PORT: `${port}` });
      expect(await dev.ended).toBe(1);
      expect(dev.output()).toMatch(
        new RegExp(`^Port ${port}, which the API needs, is in use by process ${blocker.pid} .*\n$`),
      );
    } finally {
      blocker.kill();
    }
  });

  test(
    'brings up the API, and one Ctrl-C ends every process within seconds',
    async () => {
      const port = await freePort();
      const dev = start('dev.ts', ['--filter=@plinth/backend'], {
        PORT: `${port}`,
        WEB_PORT: `${await freePort()}`,
      });
      try {
        const gaveUp = AbortSignal.timeout(DEADLINE_MS / 2);
        const early = dev.ended.then((code) => {
          throw new Error(`npm run dev ended with ${code}:\n${dev.output()}`);
        });
        await Promise.race([untilAnswers(`http://127.0.0.1:${port}/readyz`, gaveUp), early]);
        const everybody = family(dev.pid);
        early.catch(() => undefined);
        dev.ctrlC();
        expect(await dev.ended).toBe(0);
        expect(await untilNoneRuns(everybody, 5_000)).toEqual([]);
      } finally {
        dev.kill();
      }
    },
    DEADLINE_MS,
  );
});
