/** What is measured once and not in rounds: start-up, memory, size of the first page. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type PlinthSetup, startPlinth } from './processes.ts';
import { median } from './statistics.ts';

const STARTS = 5;
const IDLE_MS = 4000;
const WEB = resolve(import.meta.dirname, '../../web/dist');

/** Resident memory of a process in MB (10^6 bytes). */
function residentMb(pid: number): number {
  const kib = Number(execFileSync('ps', ['-o', 'rss=', '-p', `${pid}`], { encoding: 'utf8' }));
  return (kib * 1024) / 1e6;
}

/** CPU time that a process has used, in microseconds; undefined where the system does not say it exactly enough. */
export function cpuMicros(pid: number): number | undefined {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return undefined;
  // After the name in brackets: the 12th and 13th are user and system time in ticks of 10 ms.
  const fields = readFileSync(file, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Starts the built API several times: how long until it is ready, and what it then keeps in memory. */
export async function measureStart(setup: PlinthSetup) {
  const readyMs: number[] = [];
  const idleMb: number[] = [];
  for (let turn = 0; turn < STARTS; turn += 1) {
    const server = await startPlinth(setup);
    readyMs.push(server.readyMs);
    if (turn === STARTS - 1) {
      await wait(IDLE_MS);
      idleMb.push(residentMb(server.pid));
    }
    await server.close();
  }
  return { readyMs: median(readyMs), idleMb: median(idleMb) };
}

/** Compressed bytes of the page and of everything it names, which a browser loads before it shows anything. */
export function firstLoadBytes(): number {
  const page = readFileSync(join(WEB, 'index.html'), 'utf8');
  const assets = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, path]) => path ?? '');
  return ['index.html', ...assets]
    .map((path) => gzipSync(readFileSync(join(WEB, path))).length)
    .reduce((sum, bytes) => sum + bytes, 0);
}
