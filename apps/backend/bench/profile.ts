import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

export interface Share {
  readonly of: string;
  /** 0 to 1, of the time in which the process did something. */
  readonly share: number;
}

/** Options for Node that write a profile into the folder when the process ends. */
export const profilerOptions = (folder: string): readonly string[] => [
  '--cpu-prof',
  `--cpu-prof-dir=${folder}`,
];

function ownerOf({ functionName, url }: { functionName: string; url: string }): string {
  if (functionName === '(garbage collector)') return 'garbage collector';
  const packages = url.split('/node_modules/');
  if (packages.length > 1) return /^(?:@[^/]+\/)?[^/]+/.exec(packages.at(-1) ?? '')?.[0] ?? url;
  if (url.startsWith('node:')) return /^node:(?:internal\/)?[^/:]+/.exec(url)?.[0] ?? url;
  if (url.startsWith('file:')) return 'Plinth';
  return 'native code';
}

/**
 * Where the time of the profiled process went, by package, the largest first.
 * @param lastMs how much of the profile's end is looked at; what is before is the start of the process
 * @throws when the process has left no profile
 */
export function readProfile(folder: string, lastMs: number): readonly Share[] {
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  if (!file) throw new Error(`There is no profile in ${folder}.`);
  const { nodes, samples, timeDeltas }: CpuProfile = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const counts = new Map<string, number>();
  let busy = 0;
  let leftMicros = lastMs * 1000;
  for (let index = samples.length - 1; index >= 0 && leftMicros > 0; index -= 1) {
    leftMicros -= timeDeltas[index] ?? 0;
    const frame = frames.get(samples[index] ?? 0);
    if (!frame || frame.functionName === '(idle)' || frame.functionName === '(root)') continue;
    busy += 1;
    const owner = ownerOf(frame);
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return [...counts]
    .map(([of, count]) => ({ of, share: count / busy }))
    .toSorted((a, b) => b.share - a.share);
}
