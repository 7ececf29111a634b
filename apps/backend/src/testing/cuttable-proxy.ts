import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * A TCP proxy in front of a server, whose connections a test can cut or let fall silent.
 * @param listen is shown what passes, in either direction
 */
export async function startCuttableProxy(
  targetUrl: string,
  listen: (from: 'client' | 'server', chunk: Buffer) => void = () => {},
) {
  let target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let state: 'open' | 'cut' | 'silent' = 'open';
  /** What is held back, and who waits for it to go on. */
  let held: RegExp | undefined;
  const waiting: (() => void)[] = [];
  const server = createServer((client) => {
    if (state === 'cut') return void client.destroy();
    const upstream = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk: Buffer) => {
        listen(from === client ? 'client' : 'server', chunk);
        if (from === client && held?.test(chunk.toString('latin1'))) {
          // This and all that follows on the connection, so that the order stays.
          from.pause();
          waiting.push(() => {
            to.write(chunk);
            from.resume();
          });
        } else if (state === 'open') to.write(chunk);
      });
      from.on('error', () => from.destroy());
      from.on('close', (failed) => {
        sockets.delete(from);
        // What was said before an orderly end still arrives.
        if (failed) to.destroy();
        else to.end();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(targetUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    /** Every connection breaks, and new ones are refused. */
    cut: () => {
      state = 'cut';
      breakAll();
    },
    /** As a broken network does: nothing arrives any more, nothing closes. */
    fallSilent: () => {
      state = 'silent';
    },
    heal: () => {
      state = 'open';
    },
    /**
     * Holds back what clients say in these words, and everything after it on the same connection.
     * @returns lets it go on
     */
    holdBack: (words: RegExp) => {
      held = words;
      return () => {
        held = undefined;
        for (const goOn of waiting.splice(0)) goOn();
      };
    },
    /** New connections lead to another server, as behind a load balancer; those that are open stay where they are. */
    pointTo: (url: string) => {
      target = new URL(url);
    },
    async close() {
      state = 'cut';
      breakAll();
      server.close();
      await once(server, 'close');
    },
  };
}
