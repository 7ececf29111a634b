import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, test } from '@jest/globals';
import { isGone, startOwner } from '../testing/helpers.ts';
import { markOf } from './liveness.ts';
import { startProcess } from './process.ts';

const node = (code: string) => ({ command: process.execPath, args: ['-e', code] });

const STUBBORN = "process.on('SIGTERM', () => {}); console.log('ready'); setInterval(() => {}, 1000);";

describe('a server that was started', () => {
  test('ends when it is closed, also when it is closed twice', async () => {
    const server = await startProcess(node("console.log('ready'); setInterval(() => {}, 1000);"));
    expect(await server.waitForLine(/ready/)).toBe(true);
    await Promise.all([server.close(), server.close()]);
    expect(await server.exited).toEqual({ code: null, signal: 'SIGTERM' });
    expect(markOf(server.pid)).toBeUndefined();
  });

  test('is killed after a bounded time when it ignores the request to end', async () => {
    const server = await startProcess({ ...node(STUBBORN), stopTimeoutMs: 200 });
    await server.waitForLine(/ready/);
    await server.close();
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('keeps the end of its log, and waiting for a line ends with it', async () => {
    const server = await startProcess(
      node("console.log('one'); console.error('two'); process.exitCode = 3;"),
    );
    expect(await server.waitForLine(/never/)).toBe(false);
    expect(await server.exited).toEqual({ code: 3, signal: null });
    expect(server.log().split('\n').sort()).toEqual(['one', 'two']);
  });

  test('whose grandchild keeps its pipes open does not keep its owner', async () => {
    const module = JSON.stringify(new URL('./process.ts', import.meta.url).href);
    const owner = spawn(process.execPath, [
      '--conditions=development',
      '--input-type=module',
      '-e',
      `const { startProcess } = await import(${module});
       const options = { command: 'sh', args: ['-c', 'sleep 60 & echo $!'], onLine: console.log };
       await (await startProcess(options)).exited;`,
    ]);
    const ended = once(owner, 'exit');
    const [line] = await once(createInterface(owner.stdout), 'line');
    try {
      await ended;
      // The grandchild is still there, and the owner has ended all the same.
      expect(markOf(Number(line))).toBeDefined();
    } finally {
      process.kill(Number(line), 'SIGKILL');
      owner.kill('SIGKILL');
    }
  });

  test('that does not exist is reported in one sentence', async () => {
    await expect(startProcess({ command: '/no/such/program', args: [] })).rejects.toThrow(
      /^The program \/no\/such\/program cannot be started/,
    );
  });

  test('ends with its owner, even when the owner is killed without warning', async () => {
    const owner = await startOwner(`
      const server = await services.startProcess({ command: 'sleep', args: ['600'] });
      console.log(server.pid);
    `);
    const pid = Number(owner.line);
    expect(markOf(pid)).toBeDefined();
    await owner.killHard();
    expect(await isGone(pid)).toBe(true);
  });

  test('is killed with its owner also when it ignores the request to end', async () => {
    const owner = await startOwner(`
      const server = await services.startProcess({
        command: process.execPath, args: ['-e', ${JSON.stringify(STUBBORN)}], stopTimeoutMs: 200,
      });
      await server.waitForLine(/ready/);
      console.log(server.pid);
    `);
    await owner.killHard();
    expect(await isGone(Number(owner.line))).toBe(true);
  });
});
