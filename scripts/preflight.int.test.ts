import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

/** A project folder that needs one package, with a `dev.ts` that says so when it is reached. */
let project: string;
let parent: string;

const WANTED = {
  'node_modules/express': { version: '5.3.0' },
  'node_modules/fsevents': { version: '2.0.0', optional: true },
};

/** Names the folder: from a subfolder the same command would do harm. */
const remedy = () => `run "npm ci" in ${project} (in a subfolder it removes what the others need).`;

function writeLock(file: string, packages: object): void {
  writeFileSync(join(project, file), JSON.stringify({ packages: { '': {}, ...packages } }));
}

function preflight(agent = 'npm/11.19.1 node/v24.21.0 linux x64') {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/preflight.mjs', 'dev', '--more'], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, npm_config_user_agent: agent },
  });
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
}

/** Into a folder of this name. */
function moveProject(name: string): void {
  const target = join(parent, name);
  renameSync(project, target);
  project = target;
}

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'plinth-preflight-'));
  project = join(parent, 'project');
  mkdirSync(project);
  mkdirSync(join(project, 'scripts'));
  mkdirSync(join(project, 'node_modules'));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  for (const name of ['preflight.mjs', 'loopback.mjs'])
    cpSync(join(import.meta.dirname, name), join(project, 'scripts', name));
  writeFileSync(
    join(project, 'scripts/dev.ts'),
    "const greeting: string = 'dev was reached with'; console.log(greeting, process.argv.slice(2).join());",
  );
  writeLock('package-lock.json', WANTED);
  writeLock('node_modules/.package-lock.json', { 'node_modules/express': { version: '5.3.0' } });
});

afterEach(() => rmSync(parent, { recursive: true, force: true }));

describe('before anything starts', () => {
  test('a machine with everything goes on with the command and its arguments', () => {
    expect(preflight()).toEqual({ status: 0, stdout: 'dev was reached with --more', stderr: '' });
  });

  test('a missing "npm ci" is one sentence, not a stack trace', () => {
    rmSync(join(project, 'node_modules'), { recursive: true });
    expect(preflight()).toEqual({
      status: 1,
      stdout: '',
      stderr: `The packages are not installed: ${remedy()}`,
    });
  });

  test('packages of an older package-lock.json are one sentence that names one of them', () => {
    writeLock('package-lock.json', { 'node_modules/express': { version: '5.4.0' } });
    expect(preflight().stderr).toBe(
      `The installed packages are not those of package-lock.json (express differs): ${remedy()}`,
    );
    writeLock('package-lock.json', { ...WANTED, 'node_modules/@scope/new': { version: '1.0.0' } });
    expect(preflight().stderr).toContain('(@scope/new is missing): run "npm ci" in ');
  });

  test('an old Node on the machine is named with the version that is needed', () => {
    const { status, stderr } = preflight('npm/10.8.2 node/v18.20.1 linux x64');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Node 18\.20\.1 is too old for this project: install Node 20\.19 or newer/);
  });

  test('an old npm is named with the command that renews it', () => {
    expect(preflight('npm/9.9.4 node/v20.19.0 linux x64').stderr).toBe(
      `npm 9.9.4 is too old for this project: run "npm install --global npm@11", then ${remedy()}`,
    );
  });

  test.each(['#', '?', '%', '*', ':', '$', '`', '"', '\n'])(
    'a path with %j, which a tool of others cannot take, is refused with the character and the remedy',
    (character) => {
      moveProject(`a${character}b`);
      const { status, stdout, stderr } = preflight();
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain(`The path of this project contains ${JSON.stringify(character)}, and `);
      expect(stderr).toContain(`: rename or move the folder, which is ${JSON.stringify(project)}.`);
    },
  );

  test.each([
    'My Projects',
    "it's & [mine] {all} (of) it!",
    '-rf',
    '+a,b=c@d~e;f',
    'Müller',
    'e\u0301',
    '日本 🎉',
  ])('a path with %j is fine', (name) => {
    moveProject(name);
    expect(preflight()).toMatchObject({ status: 0, stderr: '' });
  });
});
