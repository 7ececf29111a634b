import { createHash } from 'node:crypto';
import { hostname } from 'node:os';

const ID_LENGTH = 8;

/**
 * The Redis namespace of one installation on this machine: each copy of the project, and in it `dev` and `start`, has
 * its own, also where all use one Redis.
 *
 * @param devFolder what tells the copies apart: the folder of their data
 */
export function redisNamespace(devFolder: string, kind: 'dev' | 'start'): string {
  const id = createHash('sha256').update(`${hostname()}:${devFolder}`).digest('hex').slice(0, ID_LENGTH);
  return `plinth-${id}-${kind}`;
}
