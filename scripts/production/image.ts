/**
 * `node scripts/production/image.ts <folder>`: lays out what the production image holds, and nothing else: the built
 * backend, and of each package that it needs at run time the files that are read there. infra/docker/backend.Dockerfile
 * copies the folder as it is.
 */
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { productionPackages, readLock } from './packages.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const WORKSPACE = 'apps/backend';

/** Of a workspace: what it is and what was built of it, without its source maps and types. */
const OURS = ['package.json', 'dist/**/*.{js,mjs,json,wasm}'];
/** Read by the migration command besides the built packages. */
const MIGRATIONS = ['packages/database/scripts/db.ts', 'prisma/schema/**/*', 'prisma/migrations/**/*'];

/** Packages that nobody imports at run time, although others name them as dependencies. */
const IDLE_PACKAGES: readonly RegExp[] = [
  // Types.
  /^@types\//,
  // A placeholder: see "overrides" in package.json.
  /^@sentry\/bundler-plugins$/,
];

/** Files that nobody reads at run time, by `<package>/<path in it>`. Licences and notices stay. */
const IDLE_FILES: readonly RegExp[] = [
  /\.(?:map|[cm]?ts|flow|tsbuildinfo)$/,
  /\/(?!licen[cs]e|notice|copying)[^/]*\.(?:md|markdown)$/i,
  // Tests and examples that authors forgot to leave out.
  /\.(?:test|spec)\.[cm]?js$/,
  /^(?:@[^/]+\/)?[^/]+\/(?:tests?|__tests__|examples?|benchmarks?|docs)\//,
  // Prisma has a compiler of queries for each database, twice, each for CommonJS and ESM.
  /^@prisma\/client\/runtime\/(?:query_compiler_(?!fast_bg\.postgresql\.(?:wasm-base64\.)?mjs$)|wasm-compiler-edge|index-browser)/,
];

function filesBelow(folder: string, prefix = ''): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    // Packages inside of packages have entries of their own in the lock file.
    if (entry.name === 'node_modules') return [];
    const path = `${prefix}${entry.name}`;
    return entry.isDirectory() ? filesBelow(join(folder, entry.name), `${path}/`) : [path];
  });
}

export interface ImageContent {
  /** From the root of the repository, and so in the image. */
  readonly files: readonly string[];
  /** Our packages, as npm links them: where the link is, and where it leads. */
  readonly links: ReadonlyMap<string, string>;
  /** Of all files together. */
  readonly bytes: number;
}

/** What belongs into the image. The backend must be built before: see `turbo run build --filter=@plinth/backend...`. */
export function imageContent(): ImageContent {
  const packages = productionPackages(readLock(ROOT), [WORKSPACE]);
  const ours = packages.filter((part) => part.ours);
  const files = [
    ...ours.flatMap(({ path }) => globSync(OURS, { cwd: join(ROOT, path) }).map((file) => `${path}/${file}`)),
    ...MIGRATIONS.flatMap((pattern) => globSync(pattern, { cwd: ROOT })),
    ...packages
      // Of optional packages only those of this platform are installed.
      .filter(
        ({ ours, name, path }) => !ours && !matches(IDLE_PACKAGES, name) && existsSync(join(ROOT, path)),
      )
      .flatMap(({ name, path }) =>
        filesBelow(join(ROOT, path))
          .filter((file) => !matches(IDLE_FILES, `${name}/${file}`))
          .map((file) => `${path}/${file}`),
      ),
  ].filter((file) => statSync(join(ROOT, file)).isFile());
  return {
    files: files.sort(),
    links: new Map(
      ours
        .filter(({ path }) => path !== WORKSPACE)
        .map(({ name, path }) => [`node_modules/${name}`, relative(`node_modules/${dirname(name)}`, path)]),
    ),
    bytes: files.reduce((sum, file) => sum + statSync(join(ROOT, file)).size, 0),
  };
}

const matches = (patterns: readonly RegExp[], text: string): boolean =>
  patterns.some((pattern) => pattern.test(text));

/** Copies everything into a folder, each file at its place. */
export function layOut({ files, links }: ImageContent, target: string): void {
  for (const file of files) cpSync(join(ROOT, file), join(target, file));
  for (const [path, destination] of links) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    symlinkSync(destination, join(target, path));
  }
}

if (import.meta.main) {
  const [target] = process.argv.slice(2);
  if (target === undefined) {
    console.error('Usage: node scripts/production/image.ts <folder>');
    process.exit(2);
  }
  const content = imageContent();
  layOut(content, target);
  console.log(`${content.files.length} files, ${Math.round(content.bytes / 1e6)} MB in ${target}`);
}
