import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A loopback stand-in for collector and Sentry: takes everything, keeps nothing. */
export async function createSwallower() {
  let calls = 0;
  const server = createServer((req, res) => {
    req.resume();
    req.once('end', () => {
      calls += 1;
      res.setHeader('Content-Type', 'application/json');
      res.end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    /** How many calls have arrived. */
    calls: () => calls,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
