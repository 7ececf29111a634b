import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** One call that a recording server got. */
export interface RecordedCall {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/**
 * A loopback HTTP server that answers everything with `200 {}` and keeps what it got.
 * @param read turns a call into the records that it carries
 */
export async function createRecordingServer<T>(read: (call: RecordedCall) => readonly T[]) {
  const calls: RecordedCall[] = [];
  const records: T[] = [];
  const listeners = new Set<() => void>();

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString('utf8');
    const call = { path: request.url ?? '', headers: request.headers, body };
    calls.push(call);
    records.push(...read(call));
    response.setHeader('content-type', 'application/json');
    response.end('{}');
    for (const listener of listeners) listener();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    calls: calls as readonly RecordedCall[],
    records: records as readonly T[],
    /**
     * Resolves with all records as soon as the condition holds for them.
     * @throws when it does not hold within `timeoutMs`, saying how many records there were
     */
    waitFor(condition: (records: readonly T[]) => boolean, timeoutMs = 5000): Promise<readonly T[]> {
      const { promise, resolve, reject } = Promise.withResolvers<readonly T[]>();
      const check = () => {
        if (condition(records)) resolve(records);
      };
      const timer = setTimeout(
        () => reject(new Error(`Not seen within ${timeoutMs} ms; ${records.length} records arrived.`)),
        timeoutMs,
      );
      listeners.add(check);
      check();
      return promise.finally(() => {
        clearTimeout(timer);
        listeners.delete(check);
      });
    },
    /** Everything that arrived as one text, to look for what must not be in it. */
    text: () =>
      calls.map(({ path, headers, body }) => `${path}\n${JSON.stringify(headers)}\n${body}`).join('\n'),
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
