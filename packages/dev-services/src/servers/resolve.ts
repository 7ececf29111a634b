import { CATALOGUE, type Recipe, type ServerName } from './catalogue.ts';

/** What the machine answers. Probes are asked in order and only as far as needed. */
export interface Probes {
  variable(name: string): string | undefined;
  /** Path of the first of these programs that is there and runs. */
  binary(name: ServerName, names: readonly string[]): string | undefined;
  /** Whether the Docker engine (not only its command) answers. */
  docker(): boolean;
  /** The system when its packages can be installed: Debian or Ubuntu, as root. */
  installer(): { system: string } | undefined;
}

export type Resolution =
  | { kind: 'url'; url: string }
  | { kind: 'binary'; path: string }
  | { kind: 'docker' }
  | { kind: 'package'; name: string }
  | { kind: 'missing' };

/**
 * Where a server comes from, in this order: address in the environment, program on PATH, Docker, the system's
 * package manager. `missing` when none of them has it; nothing is ever skipped in silence.
 */
export function resolveServer(
  name: ServerName,
  probes: Probes,
  recipe: Recipe = CATALOGUE[name],
): Resolution {
  const given = recipe.variable === undefined ? undefined : probes.variable(recipe.variable);
  if (given !== undefined && given !== '') {
    return recipe.variableHolds === 'path' ? { kind: 'binary', path: given } : { kind: 'url', url: given };
  }
  const path = probes.binary(name, recipe.binaries);
  if (path !== undefined) return { kind: 'binary', path };
  if (recipe.container && probes.docker()) return { kind: 'docker' };
  const installer = probes.installer();
  if (installer !== undefined && !recipe.noPackageOn.includes(installer.system)) {
    return { kind: 'package', name: recipe.debianPackage };
  }
  return { kind: 'missing' };
}

/** One sentence that names everything that is missing and how to get it. */
export function missingSentence(names: readonly ServerName[]): string {
  const titles = names.map((name) => CATALOGUE[name].title);
  const advice = names.map((name) => CATALOGUE[name].advice);
  const variables = names.flatMap((name) => CATALOGUE[name].variable ?? []);
  const alternative =
    variables.length === 0 ? '' : `, or point ${variables.join(' and ')} to one that you have`;
  return `The tests need ${list(titles)}, which this machine lacks: install ${list(advice)}${alternative}.`;
}

function list(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
