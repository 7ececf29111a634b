import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { hasCode } from '../errors.ts';

const LOOPBACK = '127.0.0.1';

/** Below the range from which Linux (32768) and macOS (49152) give ports to outgoing connections. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const TRIES = 100;

/**
 * A TCP port that is free on the loopback interface right now, and will most likely still be when a server that is
 * told to use it gets there: not one that the system may give to any connection meanwhile, as port 0 would be.
 */
export async function freePort(): Promise<number> {
  for (let n = 0; n < TRIES; n += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`None of ${TRIES} ports tried on 127.0.0.1 was free.`);
}

/**
 * Whether nothing listens on this port of an address. An address that the machine lacks (`::1` without IPv6) has all
 * its ports free.
 */
export async function isPortFree(port: number, host: string = LOOPBACK): Promise<boolean> {
  return (await listenOnce(port, host)) !== undefined;
}

/** Listens for a moment. Resolves with the port, or undefined when it is taken. */
function listenOnce(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      const taken = hasCode(error, 'EADDRINUSE') || hasCode(error, 'EACCES');
      resolve(taken ? undefined : port);
    });
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(bound));
    });
  });
}
