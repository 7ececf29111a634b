import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { addFormer, readReleases } from './keep-releases.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-releases-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What Vite does: it empties the folder and writes the new files; before and after it, the plugin. */
const build = (files: readonly string[], day = 1) => {
  const former = readReleases(folder);
  rmSync(folder, { recursive: true });
  mkdirSync(join(folder, 'assets'), { recursive: true });
  for (const file of files) writeFileSync(join(folder, 'assets', file), `content of ${file}`);
  addFormer(folder, former, { releases: 3, days: 30 }, new Date(Date.UTC(2026, 0, day)));
};
const assets = () => readdirSync(join(folder, 'assets')).sort();

describe('a build', () => {
  test('keeps the files of the releases before it, with their content', () => {
    build(['a-1.js', 'b-1.js']);
    build(['a-2.js', 'b-1.js']);
    expect(assets()).toEqual(['a-1.js', 'a-2.js', 'b-1.js']);
    expect(readFileSync(join(folder, 'assets/a-1.js'), 'utf8')).toBe('content of a-1.js');
  });

  test('lets go of what is older than the bounded number of releases', () => {
    for (const number of [1, 2, 3, 4]) build([`a-${number}.js`]);
    expect(assets()).toEqual(['a-2.js', 'a-3.js', 'a-4.js']);
  });

  test('lets go of what is too old', () => {
    build(['a-1.js'], 1);
    build(['a-2.js'], 40);
    expect(assets()).toEqual(['a-2.js']);
  });

  test('without a change is no new release', () => {
    build(['a-1.js']);
    for (let again = 0; again < 5; again += 1) build(['a-2.js']);
    expect(assets()).toEqual(['a-1.js', 'a-2.js']);
  });
});
