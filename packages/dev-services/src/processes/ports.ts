import { createServer } from 'node:net';
import { hasCode } from '../errors.ts';

const LOOPBACK = '127.0.0.1';

/** A TCP port that is free on the loopback interface right now. */
export async function freePort(): Promise<number> {
  const port = await listenOnce(0, LOOPBACK);
  if (port === undefined) throw new Error('The system has no free TCP port on 127.0.0.1.');
  return port;
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
