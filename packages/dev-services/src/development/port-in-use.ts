import { isPortFree } from '../processes/ports.ts';
import { portHolder } from './port-holder.ts';

/**
 * One sentence when a port that is needed is taken, by whom, and what to do; undefined when it is free.
 *
 * @param what who needs it, for example `the API`
 * @param variable the variable that chooses another port
 */
export async function portInUse(port: number, what: string, variable: string): Promise<string | undefined> {
  const free = (await isPortFree(port)) && (await isPortFree(port, '::1'));
  if (free) return undefined;
  const holder = portHolder(port);
  const by = holder === undefined ? 'another program' : `process ${holder.pid} (${holder.command})`;
  return `Port ${port}, which ${what} needs, is in use by ${by}: end it or set ${variable} to another port, then try again.`;
}
