import { DevServiceError } from '../errors.ts';
import { isPortFree } from '../processes/ports.ts';
import { portHolder } from './port-holder.ts';

const MAX_PORT = 65_535;

/** A port that a command is going to listen on, and the variable that chooses another one. */
export interface NeededPort {
  /** Who listens, for example `the API`. */
  what: string;
  variable: string;
  /** Used when the variable is unset. 0 takes any free port, where `anyFree` allows that. */
  fallback: number;
  anyFree?: boolean;
}

/** `IPv4` and `IPv6`: `localhost` may lead to either. */
const isFree = async (port: number): Promise<boolean> =>
  (await isPortFree(port)) && (await isPortFree(port, '::1'));

/**
 * Reads the ports of a command and looks whether they are free, before anything starts.
 *
 * @param settings the environment
 * @returns the port of each variable; 0 where any free one will do
 * @throws {DevServiceError} one sentence for each port that cannot be used, with its variable and who holds it
 */
export async function choosePorts<Name extends string>(
  needed: readonly (NeededPort & { variable: Name })[],
  settings: Readonly<Record<string, string | undefined>>,
): Promise<Record<Name, number>> {
  const chosen = new Map<Name, number>();
  const problems: string[] = [];
  for (const need of needed) {
    const port = Number(settings[need.variable] || need.fallback);
    const problem = wrongNumber(need, settings[need.variable], port) ?? twice(need, port, chosen);
    chosen.set(need.variable, port);
    if (problem !== undefined) problems.push(problem);
    else if (port !== 0 && !(await isFree(port))) problems.push(await inUse(need, port, chosen));
  }
  if (problems.length > 0) throw new DevServiceError(problems.join('\n'));
  return Object.fromEntries(chosen) as Record<Name, number>;
}

function wrongNumber({ variable, what, anyFree }: NeededPort, text: string | undefined, port: number) {
  const lowest = anyFree ? 0 : 1;
  if (Number.isInteger(port) && port >= lowest && port <= MAX_PORT) return undefined;
  return `${variable} is "${text}", but the port of ${what} is a whole number from ${lowest} to ${MAX_PORT}.`;
}

function twice({ variable }: NeededPort, port: number, chosen: ReadonlyMap<string, number>) {
  const other = [...chosen].find(([, taken]) => taken === port && port !== 0);
  return other && `${other[0]} and ${variable} are both ${port}: give each its own port.`;
}

/** The sentence for a port that is taken, by whom, and which one would do. */
async function inUse(
  { what, variable }: NeededPort,
  port: number,
  chosen: ReadonlyMap<string, number>,
): Promise<string> {
  const holder = portHolder(port);
  const by = holder === undefined ? 'another program' : `process ${holder.pid} (${holder.command})`;
  const taken = [...chosen.values()];
  let other = port < MAX_PORT ? port + 1 : 1024;
  while (other < MAX_PORT && (taken.includes(other) || !(await isFree(other)))) other += 1;
  return `Port ${port}, which ${what} needs, is in use by ${by}: end it or set ${variable} to another port (${variable}=${other} is free), then try again.`;
}
