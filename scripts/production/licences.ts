/**
 * `npm run licences`: every package that is delivered, with version, licence and why it is there. Ends with 1 when a
 * licence is not on the list, or a direct dependency has no reason (both in licence-policy.ts).
 */
import { resolve } from 'node:path';
import { ALLOWED, DELIVERED, EXCEPTIONS, REASONS } from './licence-policy.ts';
import { type ProductionPackage, productionPackages, readLock } from './packages.ts';

/** Whether an SPDX expression of ids, AND, OR and parentheses can be met with the licences of the list. */
export function isAllowed(expression: string, allowed: ReadonlySet<string> = ALLOWED): boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  let position = 0;
  const single = (): boolean => {
    if (tokens[position] !== '(') return allowed.has(tokens[position++] ?? '');
    position += 1;
    const inner = either();
    // An expression that is not well-formed promises nothing.
    return tokens[position++] === ')' && inner;
  };
  const both = (): boolean => {
    let holds = single();
    while (tokens[position] === 'AND') {
      position += 1;
      holds = single() && holds;
    }
    return holds;
  };
  const either = (): boolean => {
    let holds = both();
    while (tokens[position] === 'OR') {
      position += 1;
      holds = both() || holds;
    }
    return holds;
  };
  return either() && position === tokens.length;
}

const idOf = ({ publishedAs, version }: ProductionPackage): string => `${publishedAs}@${version}`;

export interface Policy {
  readonly allowed: ReadonlySet<string>;
  readonly exceptions: Readonly<Record<string, string>>;
  readonly reasons: Readonly<Record<string, string>>;
}

/** What is wrong with a list of delivered packages, one sentence each with its remedy. */
export function licenceFaults(packages: readonly ProductionPackage[], policy: Policy): string[] {
  const { allowed, exceptions, reasons } = policy;
  const ids = new Set(packages.map(idOf));
  const direct = new Set(packages.flatMap((part) => (part.direct && !part.ours ? [part.name] : [])));
  const unlicensed = packages
    .filter((part) => !part.ours && !exceptions[idOf(part)] && !isAllowed(part.licence ?? '', allowed))
    .map(
      (part) =>
        `${idOf(part)} (through ${part.through}) has ${part.licence ?? 'no licence'}, which is not on the list. Take it out, or give the reason in EXCEPTIONS.`,
    );
  const unexplained = [...direct]
    .filter((name) => !reasons[name])
    .map((name) => `${name} is a direct dependency without a reason. Say in REASONS why it is delivered.`);
  const stale = [
    ...Object.keys(reasons).filter((name) => !direct.has(name)),
    ...Object.keys(exceptions).filter((id) => !ids.has(id)),
  ].map((name) => `${name} is not delivered any more. Take its line out of licence-policy.ts.`);
  return [...unlicensed, ...unexplained, ...stale];
}

/** The table that `npm run licences` prints. */
export function licenceTable(packages: readonly ProductionPackage[], policy: Policy): string {
  const rows = packages
    .filter(({ ours }) => !ours)
    .map((part) => [
      idOf(part),
      part.licence ?? '?',
      policy.exceptions[idOf(part)] ??
        (part.direct ? (policy.reasons[part.name] ?? '?') : `through ${part.through}`),
    ]);
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const [first, second] = [width(0), width(1)];
  return rows.map(([a = '', b = '', c]) => `${a.padEnd(first)}  ${b.padEnd(second)}  ${c}`).join('\n');
}

export const POLICY: Policy = { allowed: ALLOWED, exceptions: EXCEPTIONS, reasons: REASONS };

if (import.meta.main) {
  const packages = productionPackages(readLock(resolve(import.meta.dirname, '../..')), DELIVERED);
  console.log(licenceTable(packages, POLICY));
  const faults = licenceFaults(packages, POLICY);
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
