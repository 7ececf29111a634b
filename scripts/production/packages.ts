/** Which packages a workspace brings to production: what its `dependencies` lead to, read from the lock file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An entry of `packages` in package-lock.json (lock file version 3), as far as it is needed here. */
interface LockEntry {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}
export type Lock = Readonly<Record<string, LockEntry>>;

export interface ProductionPackage {
  /** Where it is installed, from the root of the repository: `node_modules/express`, `packages/database`. */
  readonly path: string;
  /** The name by which it is imported. */
  readonly name: string;
  /** Its name in the registry; another one where package.json has an alias (`npm:`). */
  readonly publishedAs: string;
  readonly version: string;
  /** What package.json says; an SPDX expression, if its author keeps to the rule. */
  readonly licence: string | undefined;
  /** One of ours, in this repository. */
  readonly ours: boolean;
  /** Named in `dependencies` of one of ours, and not only brought by another package. */
  readonly direct: boolean;
  /** The direct dependency that brings it: itself, when it is one. */
  readonly through: string;
}

export const readLock = (root: string): Lock =>
  JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;

/** As Node looks a package up: in node_modules beside the importing package, then in each folder above. */
function locate(lock: Lock, from: string, name: string): string | undefined {
  const parts = from.split('/');
  for (let length = parts.length; length >= 0; length -= 1) {
    if (parts[length - 1] === 'node_modules') continue;
    const path = [...parts.slice(0, length), 'node_modules', name].join('/');
    const entry = lock[path];
    if (entry) return entry.link ? entry.resolved : path;
  }
  return undefined;
}

/** What a package asks for at run time. An optional peer is only used if somebody else brings it. */
const wanted = ({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }: LockEntry) =>
  Object.keys({
    ...dependencies,
    ...optionalDependencies,
    ...Object.fromEntries(
      Object.entries(peerDependencies ?? {}).filter(([name]) => !peerDependenciesMeta?.[name]?.optional),
    ),
  });

/**
 * The workspaces given and everything that they need at run time, for every platform, sorted by path.
 * `npm ls --omit=dev` is no help: it keeps optional peers, of which Prisma's CLI alone weighs 200 MB.
 *
 * @throws when a dependency is not in the lock file
 */
export function productionPackages(lock: Lock, workspaces: readonly string[]): ProductionPackage[] {
  const found = new Map<string, ProductionPackage>();
  const queue = workspaces.map((path) => ({
    path,
    name: lock[path]?.name ?? path,
    direct: true,
    through: '',
  }));
  // Breadth first, so that a package that is both direct and brought along counts as direct.
  for (const { path, name, direct, through } of queue) {
    const known = found.get(path);
    if (known && (known.direct || !direct)) continue;
    const entry = lock[path];
    if (!entry) throw new Error(`${path} is not in package-lock.json. Run: npm install`);
    const ours = !path.includes('node_modules/');
    found.set(path, {
      path,
      name,
      publishedAs: entry.name ?? name,
      version: entry.version ?? '',
      licence: entry.license,
      ours,
      direct,
      through: direct ? name : through,
    });
    if (known) continue;
    for (const dependency of wanted(entry)) {
      const place = locate(lock, path, dependency);
      // Optional ones of other platforms are in the lock as well; a peer may be left out on purpose.
      if (place === undefined && entry.dependencies?.[dependency])
        throw new Error(`${dependency}, which ${name} needs, is not in package-lock.json. Run: npm install`);
      if (place !== undefined)
        queue.push({ path: place, name: dependency, direct: ours, through: direct ? name : through });
    }
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
