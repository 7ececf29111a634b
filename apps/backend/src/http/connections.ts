import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What may still come in of a request that is answered already, in bytes and milliseconds. */
const DRAIN_BYTES = 1_048_576;
const DRAIN_MS = 5000;
/** At the end: how long a connection without an answer under way, or one whose request stalls, may stay. */
const SILENCE_MS = 1000;
const SWEEP_MS = 50;

/** The rest of a body nobody wants is read so that the answer arrives, but not without end. */
function drain(req: IncomingMessage): void {
  const { socket } = req;
  const before = socket.bytesRead;
  const until = performance.now() + DRAIN_MS;
  const watch = setInterval(() => {
    const done = req.complete || socket.destroyed;
    if (done || socket.bytesRead - before > DRAIN_BYTES || performance.now() > until) {
      clearInterval(watch);
      if (!done) socket.destroy();
    }
  }, SWEEP_MS);
  watch.unref();
}

/**
 * Knows every open connection of a server. Node's own bookkeeping (`closeAllConnections`) loses sight of a connection
 * once it was upgraded or asked to CONNECT, and counts one that has asked nothing, or half a question, as busy.
 */
export function trackConnections(server: Server) {
  /** Each with the newest answer that is under way on it. */
  const open = new Map<Socket, ServerResponse | undefined>();

  function answered(this: ServerResponse): void {
    const { req } = this;
    if (open.get(req.socket) === this) open.set(req.socket, undefined);
    if (!req.complete && !req.socket.destroyed) drain(req);
  }
  server.on('connection', (socket) => {
    open.set(socket, undefined);
    socket.once('close', () => open.delete(socket));
  });
  server.prependListener('request', (req, res) => {
    open.set(req.socket, res);
    res.once('close', answered);
  });

  return {
    /** The newest answer under way on a connection. */
    answerOn: (socket: Socket): ServerResponse | undefined => open.get(socket),

    /**
     * Takes no new connection and ends the others: idle ones at once; those that ask nothing, were upgraded, or stall
     * in the middle of their request after a second; those with an answer under way when it is out, or when time is up.
     * @param timeoutMs longest time for answers under way
     * @returns how many answers were cut
     */
    async close(timeoutMs: number): Promise<number> {
      const started = performance.now();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const progress = new Map<Socket, { bytes: number; at: number }>();
      let cut = 0;

      const sweep = setInterval(() => {
        server.closeIdleConnections();
        const now = performance.now();
        const late = now - started > timeoutMs;
        for (const [socket, answer] of open) {
          if (late) {
            if (answer) cut += 1;
            socket.destroy();
          } else if (!answer) {
            if (now - started > SILENCE_MS) socket.destroy();
          } else if (!answer.req.complete) {
            const seen = progress.get(socket);
            if (seen?.bytes !== socket.bytesRead) progress.set(socket, { bytes: socket.bytesRead, at: now });
            else if (now - seen.at > SILENCE_MS) socket.destroy();
          }
        }
      }, SWEEP_MS);
      await closed;
      clearInterval(sweep);
      return cut;
    },
  };
}

export type Connections = ReturnType<typeof trackConnections>;
