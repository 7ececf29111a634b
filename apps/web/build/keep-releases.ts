/**
 * Keeps the files of former releases in the build's output, so that a page which was opened before a deployment still
 * finds the parts that it loads later. Names of files contain a hash of the content: releases never collide.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** What the output folder holds, newest first. Begins with a dot: it is never served. */
const RECORD = '.releases.json';
const DAY_MS = 86_400_000;

interface Release {
  readonly at: string;
  readonly files: readonly string[];
}

export interface KeepOptions {
  /** Releases in the output at most, the new one included. */
  readonly releases: number;
  readonly days: number;
}

const isRelease = (value: unknown): value is Release =>
  typeof value === 'object' &&
  value !== null &&
  'at' in value &&
  'files' in value &&
  Array.isArray(value.files);

/** The former releases in a folder and their files; nothing when there are none. */
export function readReleases(folder: string): { releases: Release[]; contents: Map<string, Buffer> } {
  const contents = new Map<string, Buffer>();
  const path = join(folder, RECORD);
  if (!existsSync(path)) return { releases: [], contents };
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const releases = Array.isArray(value) ? value.filter(isRelease) : [];
  for (const file of new Set(releases.flatMap(({ files }) => files))) {
    const asset = join(folder, 'assets', file);
    if (existsSync(asset)) contents.set(file, readFileSync(asset));
  }
  return { releases, contents };
}

/** Adds to a freshly built folder what is kept of former releases. */
export function addFormer(
  folder: string,
  former: ReturnType<typeof readReleases>,
  { releases: most, days }: KeepOptions,
  now: Date,
): void {
  const assets = join(folder, 'assets');
  mkdirSync(assets, { recursive: true });
  const files = readdirSync(assets).sort();
  const kept = former.releases
    // Built again without a change: the same release.
    .filter((release) => release.files.join() !== files.join())
    .filter(({ at }) => now.getTime() - Date.parse(at) < days * DAY_MS)
    .slice(0, most - 1);
  for (const file of new Set(kept.flatMap((release) => release.files))) {
    const content = former.contents.get(file);
    if (content && !files.includes(file)) writeFileSync(join(assets, file), content);
  }
  writeFileSync(join(folder, RECORD), JSON.stringify([{ at: now.toISOString(), files }, ...kept], null, 2));
}

/** PREVIOUS_DIST names the output of the last release where it is not the folder that is built into, as in an image. */
export function keepReleases(options: KeepOptions): Plugin {
  let folder = '';
  let former: ReturnType<typeof readReleases>;
  return {
    name: 'keep-releases',
    apply: 'build',
    configResolved: ({ root, build }) => {
      folder = join(root, build.outDir);
    },
    // Before the output folder is emptied.
    buildStart: () => {
      former = readReleases(process.env.PREVIOUS_DIST || folder);
    },
    closeBundle: () => addFormer(folder, former, options, new Date()),
  };
}
