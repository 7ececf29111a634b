/**
 * `npm run image:check [-- <options of docker build>]`: builds both images with Docker and looks at what came out. Not
 * part of `npm test`, which needs no Docker: image.int.test.ts runs the same content without it, dockerfiles.test.ts
 * reads the files. CI runs it (.github/workflows/ci.yml).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
/** Dependencies and code, without Node and the operating system. */
const LIMIT_BYTES = 120e6;
const BACKEND = 'plinth-backend:check';
const WEB = 'plinth-web:check';
const PREVIOUS = 'plinth-web:check-previous';
const HARDENED = [
  '--read-only',
  '--cap-drop',
  'ALL',
  '--security-opt',
  'no-new-privileges',
  '--network',
  'none',
];

const options = process.argv.slice(2);
const faults: string[] = [];

const docker = (...args: string[]): string =>
  execFileSync('docker', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

function build(name: string, image: string, ...more: string[]): void {
  console.log(`Building ${image}`);
  execFileSync(
    'docker',
    ['build', ...options, ...more, '-f', `infra/docker/${name}.Dockerfile`, '-t', image, '.'],
    { cwd: ROOT, stdio: 'inherit', env: { ...process.env, DOCKER_BUILDKIT: '1' } },
  );
}

/** Runs a command in a container that may write nothing and has no right and no network. */
function run(image: string, user: string, args: string[]): { status: number | null; output: string } {
  const ended = spawnSync('docker', ['run', '--rm', ...HARDENED, '--user', user, image, ...args], {
    encoding: 'utf8',
  });
  return { status: ended.status, output: `${ended.stdout}${ended.stderr}` };
}

function expectThat(holds: boolean, what: string, found: unknown): void {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}`);
  if (!holds) faults.push(`${what}: ${found}`);
}

/** Bytes of the layers that our Dockerfile copied in. */
function applicationBytes(): number {
  const layers = docker(
    'history',
    '--human=false',
    '--no-trunc',
    '--format',
    '{{.Size}} {{.CreatedBy}}',
    BACKEND,
  );
  return layers
    .split('\n')
    .filter((line) => /COPY .*\/image/.test(line))
    .reduce((sum, line) => sum + Number(line.split(' ', 1)[0]), 0);
}

/** An image of the web app as an older release would have left it. */
function buildPrevious(): void {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-previous-'));
  try {
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'assets/old-4f2a.js'), 'export {};');
    const release = { at: new Date().toISOString(), files: ['old-4f2a.js'] };
    writeFileSync(join(folder, '.releases.json'), JSON.stringify([release]));
    writeFileSync(
      join(folder, 'Dockerfile'),
      `FROM ${WEB}\nCOPY .releases.json /usr/share/nginx/html/\nCOPY assets /usr/share/nginx/html/assets\n`,
    );
    docker('build', '-q', '-t', PREVIOUS, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

build('backend', BACKEND);
const bytes = applicationBytes();
expectThat(
  bytes > 10e6 && bytes <= LIMIT_BYTES,
  `application layers are ${bytes / 1e6} MB, at most 120`,
  bytes,
);
const unconfigured = run(BACKEND, '1000:1000', []);
expectThat(
  unconfigured.status === 1 && unconfigured.output.includes('DATABASE_URL'),
  'the API starts without rights and says which settings it needs',
  unconfigured.output,
);

build('web', WEB);
const served = run(WEB, '101:101', ['ls', '/usr/share/nginx/html/assets']);
expectThat(
  served.status === 0 && served.output.includes('index-'),
  'the web app is in its image',
  served.output,
);
buildPrevious();
build('web', WEB, '--build-arg', `PREVIOUS=${PREVIOUS}`);
const kept = run(WEB, '101:101', ['ls', '/usr/share/nginx/html/assets']);
expectThat(kept.output.includes('old-4f2a.js'), 'the files of the previous release are kept', kept.output);

for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
