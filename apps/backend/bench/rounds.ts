/** Interleaved rounds: whatever the machine does meanwhile, it does to all servers alike. */
import { cpuMicros } from './facts.ts';
import type { Load, LoadOrder } from './load.ts';
import type { Server } from './processes.ts';
import { median } from './statistics.ts';

export const CONNECTIONS = 32;
/** Before the first round, so that the code of every server is compiled and its pool is open. */
const FIRST_WARM_UP_MS = 2000;
/** Before each round. */
const WARM_UP_MS = 300;

export interface Contestant {
  readonly name: string;
  readonly server: Server;
}

/** Medians of the rounds of one server. */
export interface Standing {
  readonly name: string;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** CPU time of the server's process for one request, where the system tells it. */
  readonly cpuMicros: number | undefined;
  /** Median of the ratios of each round to the same round of the baseline. */
  readonly ratio: number;
  readonly p99Ratio: number;
  /** Requests per second of each round, as measured. */
  readonly rounds: readonly number[];
}

export interface RoundOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** Name of the contestant that all are compared with. */
  readonly baseline: string;
}

export type Order = Omit<LoadOrder, 'port' | 'connections' | 'warmUpMs' | 'durationMs'>;

async function measure(
  load: Load,
  { server }: Contestant,
  order: Order,
  warmUpMs: number,
  durationMs: number,
) {
  const before = cpuMicros(server.pid);
  const result = await load.run({
    ...order,
    port: server.port,
    connections: CONNECTIONS,
    warmUpMs,
    durationMs,
  });
  const after = cpuMicros(server.pid);
  const cpu = before !== undefined && after !== undefined ? (after - before) / result.answered : undefined;
  return { ...result, cpuMicros: cpu };
}

type Measurement = Awaited<ReturnType<typeof measure>>;

/** Lets the servers take turns with one request: A B C, A B C, … */
export async function runRounds(
  contestants: readonly Contestant[],
  order: Order,
  options: RoundOptions,
  load: Load,
): Promise<readonly Standing[]> {
  const results = new Map<string, Measurement[]>();
  for (const contestant of contestants) {
    await measure(load, contestant, order, 0, FIRST_WARM_UP_MS);
    results.set(contestant.name, []);
  }
  for (let round = 0; round < options.rounds; round += 1) {
    for (const contestant of contestants) {
      const result = await measure(load, contestant, order, WARM_UP_MS, options.seconds * 1000);
      results.get(contestant.name)?.push(result);
    }
  }
  const base = results.get(options.baseline) ?? [];
  return [...results].map(([name, own]) => {
    const of = (pick: (result: Measurement) => number) => median(own.map(pick));
    const ratioOf = (pick: (result: Measurement) => number) =>
      median(own.map((result, round) => pick(result) / pick(base[round] ?? result)));
    return {
      name,
      perSecond: of(({ perSecond }) => perSecond),
      p50: of(({ p50 }) => p50),
      p99: of(({ p99 }) => p99),
      cpuMicros: own[0]?.cpuMicros === undefined ? undefined : of(({ cpuMicros: cpu }) => cpu ?? Number.NaN),
      ratio: ratioOf(({ perSecond }) => perSecond),
      p99Ratio: ratioOf(({ p99 }) => p99),
      rounds: own.map(({ perSecond }) => Math.round(perSecond)),
    };
  });
}
