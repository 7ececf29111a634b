import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Platform } from '../platform/index.ts';

interface Parts {
  readonly httpServer: Server;
  /** Absent where there are no sockets, as in the worker. */
  readonly sockets?: { readonly joined: Promise<void>; close(): Promise<void> };
  /** 0 takes a free one. */
  readonly port: number;
  readonly readiness: { drain(): void };
}

/** How long listening waits for Redis; without it sockets begin alone and reconnect when it is there. */
const JOIN_MS = 500;
/** How long a connection that has asked nothing may still begin when the server closes, in milliseconds. */
const SILENCE_MS = 1000;
const SWEEP_MS = 50;

/**
 * Listens, and knows how to stop: readiness says 503 while requests are still served, then no new connection is
 * taken, requests under way are answered, sockets are told to go elsewhere.
 * @returns the port and what to do before the platform is closed
 */
export async function serve(
  { config, logger }: Platform,
  { httpServer, sockets, readiness, port: wanted }: Parts,
) {
  const { host, drainMs, shutdownTimeoutMs } = config.server;
  // Node never counts a connection without a request as idle, so closing would wait for its timeout.
  const silent = new Set<Socket>();
  httpServer.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  httpServer.on('request', (req) => silent.delete(req.socket));
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
    const answered = new Promise<void>((resolve) => httpServer.close(() => resolve()));
    await sockets?.close();
    // A kept-alive connection becomes idle when its last answer is out, which may be now or later.
    const sweep = setInterval(() => httpServer.closeIdleConnections(), SWEEP_MS);
    const quiet = setTimeout(() => {
      for (const socket of silent) socket.destroy();
    }, SILENCE_MS);
    const cut = setTimeout(() => {
      logger.warn('Requests took too long to finish; cutting them');
      httpServer.closeAllConnections();
    }, shutdownTimeoutMs);
    await answered;
    clearTimeout(cut);
    clearTimeout(quiet);
    clearInterval(sweep);
  };
  return { port, stop };
}
