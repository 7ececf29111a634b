import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Platform } from '../platform/index.ts';
import type { Connections } from './connections.ts';

interface Parts {
  readonly httpServer: Server;
  readonly connections: Connections;
  /** Absent where there are no sockets, as in the worker. */
  readonly sockets?: { readonly joined: Promise<void>; close(): Promise<void> };
  /** 0 takes a free one. */
  readonly port: number;
  readonly readiness: { drain(): void };
}

/** How long listening waits for Redis; without it sockets begin alone and reconnect when it is there. */
const JOIN_MS = 500;

/**
 * Listens, and knows how to stop: readiness says 503 while requests are still served, then no new connection is
 * taken, requests under way are answered, sockets are told to go elsewhere.
 * @returns the port and what to do before the platform is closed
 */
export async function serve(
  { config, logger }: Platform,
  { httpServer, connections, sockets, readiness, port: wanted }: Parts,
) {
  const { host, drainMs, shutdownTimeoutMs } = config.server;
  await Promise.race([sockets?.joined, wait(JOIN_MS, undefined, { ref: false })]);
  await new Promise<void>((resolve, reject) => {
    httpServer.once('error', reject);
    httpServer.listen(wanted, host, () => {
      httpServer.off('error', reject);
      resolve();
    });
  });
  const { port } = httpServer.address() as AddressInfo;
  logger.info({ host, port }, `Listening on http://${host}:${port}`);

  const stop = async () => {
    readiness.drain();
    // Whoever asks from now on is told to open the next connection elsewhere; kept-alive ones would never end.
    httpServer.prependListener('request', (_req, res) => res.setHeader('Connection', 'close'));
    await wait(drainMs);
    const ended = connections.close(shutdownTimeoutMs);
    await sockets?.close();
    const cut = await ended;
    if (cut > 0) logger.warn({ cut }, 'Requests took too long to finish and were cut');
  };
  return { port, stop };
}
