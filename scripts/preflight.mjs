/**
 * `node scripts/preflight.mjs <dev|test|start>`: says in one sentence what is missing on this machine, and otherwise
 * runs the TypeScript of that name. Plain JavaScript of the oldest kind, because it is also run by the machine's own
 * Node when the project's is not installed yet.
 */
import './loopback.mjs';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const OLDEST_NODE = [20, 19];
const OLDEST_NPM = [10, 0];

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** In a subfolder npm installs for that workspace alone and removes what the others need. */
const REMEDY = `run "npm ci" in ${root} (in a subfolder it removes what the others need)`;

/** Whether a version such as `v20.19.1` is at least this one. */
export function isAtLeast(version, [major, minor]) {
  const [a, b] = version.replace('v', '').split('.').map(Number);
  return a > major || (a === major && b >= minor);
}

/** Characters that tools of others take for something else in the path of the project, each with the tool. */
const MISREAD = [
  [':', 'the search path of programs ends there (POSIX)'],
  ['#', 'Vite cuts the names of files there'],
  ['?', 'Vite cuts the names of files there'],
  ['%', 'Vite takes it for the beginning of an escape'],
  ['*', "Node puts the name of an imported file there (patterns in a package's exports)"],
  ['$', "PostgreSQL's initdb gives the path to a shell"],
  ['`', "PostgreSQL's initdb gives the path to a shell"],
  ['"', "PostgreSQL's initdb gives the path to a shell"],
  ['\n', 'many tools end a line there'],
];

/** Everything else is fine in the name of a folder: spaces, single quotes, any script, brackets, a leading "-". */
export function checkFolder(path) {
  for (const [character, why] of MISREAD) {
    if (path.includes(character)) {
      return `The path of this project contains ${JSON.stringify(character)}, and ${why}: rename or move the folder, which is ${JSON.stringify(path)}.`;
    }
  }
  return undefined;
}

/**
 * The versions of npm and of the Node that runs npm, which is the machine's own.
 * @param agent what npm puts into `npm_config_user_agent`, for example `npm/10.8.2 node/v20.19.0 linux x64`
 */
export function checkTools(agent, runningNode) {
  const npm = /npm\/(\S+)/.exec(agent);
  const node = /node\/(\S+)/.exec(agent);
  const machineNode = node ? node[1] : runningNode;
  if (!isAtLeast(machineNode, OLDEST_NODE)) {
    return `Node ${machineNode.replace('v', '')} is too old for this project: install Node ${OLDEST_NODE.join('.')} or newer from https://nodejs.org, then ${REMEDY}.`;
  }
  if (npm && !isAtLeast(npm[1], OLDEST_NPM)) {
    return `npm ${npm[1]} is too old for this project: run "npm install --global npm@11", then ${REMEDY}.`;
  }
  return undefined;
}

/**
 * Compares package-lock.json with what npm wrote down at the last installation. Contents, not times: a clone, a copy
 * or a change of branch alters those without need.
 */
export function checkInstallation(wanted, installed) {
  if (installed === undefined) return `The packages are not installed: ${REMEDY}.`;
  for (const name of Object.keys(wanted)) {
    const { version, optional, link } = wanted[name];
    const found = installed[name];
    const stale = found
      ? found.version !== version
      : name !== '' && !optional && (link || name.includes('node_modules/'));
    if (name !== '' && stale) {
      const short = name.slice(name.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return `The installed packages are not those of package-lock.json (${short} ${found ? 'differs' : 'is missing'}): ${REMEDY}.`;
    }
  }
  return undefined;
}

function readPackages(file) {
  const path = join(root, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined;
}

function check() {
  if (process.platform === 'win32') {
    return 'The development servers need Linux or macOS: on Windows run this project inside WSL 2.';
  }
  const { env } = process;
  const agent = env.npm_config_user_agent || '';
  return (
    checkFolder(root) ||
    checkTools(agent, process.version) ||
    checkInstallation(readPackages('package-lock.json'), readPackages('node_modules/.package-lock.json')) ||
    (process.features.typescript
      ? undefined
      : `Node ${process.versions.node} runs this instead of the project's own Node: use "npm run", and if you did, run "npm rebuild node".`)
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problem = check();
  if (problem) {
    console.error(problem);
    process.exitCode = 1;
  } else {
    const script = join(root, 'scripts', `${process.argv[2]}.ts`);
    process.argv.splice(1, 2, script);
    import(pathToFileURL(script).href).catch((error) => {
      console.error(error);
      process.exitCode = 1;
    });
  }
}
