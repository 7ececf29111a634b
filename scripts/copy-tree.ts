/** For tests that change the project: a copy of it that can be built and run. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from './folders.ts';

/** The working tree as it is, with the installed packages of the original and workspaces of its own. */
export function copyTree(target: string): string {
  mkdirSync(target, { recursive: true });
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter((path) => path && existsSync(join(ROOT, path)))) {
    cpSync(join(ROOT, file), join(target, file));
  }
  for (const folder of ['.', ...globSync('{apps,packages}/*', { cwd: ROOT })]) {
    const installed = join(ROOT, folder, 'node_modules');
    if (!existsSync(installed)) continue;
    mkdirSync(join(target, folder, 'node_modules'), { recursive: true });
    for (const name of readdirSync(installed)) {
      if (name !== '@plinth') symlinkSync(join(installed, name), join(target, folder, 'node_modules', name));
    }
  }
  mkdirSync(join(target, 'node_modules/@plinth'));
  for (const file of globSync('{apps,packages}/*/package.json', { cwd: target })) {
    const { name } = JSON.parse(readFileSync(join(target, file), 'utf8'));
    symlinkSync(
      relative(join(target, 'node_modules/@plinth'), join(target, dirname(file))),
      join(target, 'node_modules', name),
    );
  }
  execFileSync('git', ['init', '-q'], { cwd: target });
  return target;
}
