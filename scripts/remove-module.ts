/**
 * `npm run remove-module <module> …`: takes optional modules out of this copy of the template. Deletes their folders
 * and migrations, their lines in the files that list modules, and the relations that other tables have to theirs.
 * `tsc` names whatever else of yours still uses them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const CORE = ['users', 'auth', 'organizations', 'audit', 'health'];

/** Everything that belongs to one module alone. */
const PLACES = [
  'apps/backend/src/modules/{m}',
  'apps/backend/bench/{m}.ts',
  'apps/web/src/features/{m}',
  'packages/contracts/src/{m}.ts',
  'prisma/schema/{m}.prisma',
  'prisma/seeds/{m}.ts',
  'k6/scenarios/{m}.js',
  'prisma/migrations/*_{m}',
  'prisma/migrations/*_{m}_*',
];
/** Files that list modules: one line or more for each, and every such line names it. */
const LISTS = [
  'apps/backend/src/compose.ts',
  'apps/backend/bench/index.ts',
  'apps/web/src/routes.tsx',
  'packages/contracts/src/index.ts',
  'prisma/seed.ts',
];

const at = (path: string): string => resolve(root, path);
const edit = (path: string, keep: (line: string) => boolean): void => {
  if (existsSync(at(path)))
    writeFileSync(at(path), readFileSync(at(path), 'utf8').split('\n').filter(keep).join('\n'));
};

const modules = process.argv.slice(2);
const existing = globSync('apps/backend/src/modules/*', { cwd: root }).map((path) => basename(path));
const optional = existing.filter((name) => !CORE.includes(name)).sort();
const wrong = modules.filter((name) => !optional.includes(name));
if (modules.length === 0 || wrong.length > 0) {
  if (wrong.length > 0) console.error(`Not an optional module: ${wrong.join(', ')}.`);
  console.error(
    `Usage: npm run remove-module <module> …\nOptional modules: ${optional.join(', ') || 'none'}.`,
  );
  process.exit(2);
}

const models = modules.flatMap((name) => {
  const file = at(`prisma/schema/${name}.prisma`);
  return existsSync(file)
    ? [...readFileSync(file, 'utf8').matchAll(/^model (\w+)/gm)].map(([, model]) => model)
    : [];
});

for (const place of modules.flatMap((name) => PLACES.map((path) => path.replace('{m}', name)))) {
  for (const path of globSync(place, { cwd: root })) rmSync(at(path), { recursive: true });
}
const mention = new RegExp(`\\b(?:${modules.join('|')})`, 'i');
for (const list of LISTS) edit(list, (line) => !mention.test(line));
if (models.length > 0) {
  const relation = new RegExp(`^\\s+\\w+\\s+(?:${models.join('|')})(?:\\[\\]|\\?)?(?:\\s|$)`);
  for (const file of globSync('prisma/schema/*.prisma', { cwd: root }))
    edit(file, (line) => !relation.test(line));
}
spawnSync('biome', ['check', '--write', ...LISTS.filter((path) => existsSync(at(path)))], {
  cwd: root,
  stdio: 'ignore',
});

console.log(`Removed: ${modules.join(', ')}.
Now run "npm install" and "npm test": they name whatever still uses them.
A database that has the tables already keeps them: take the folders in prisma/migrations back from version control
and run "npm run db:migrate:new remove_${modules.join('_')}" there.`);
