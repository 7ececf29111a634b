/**
 * The load, on a thread of its own: keep-alive connections that each send the next request when the reply to the last
 * one is complete. Raw sockets and prepared bytes, because on a small machine whatever the load costs is taken from
 * the servers; `wrk` would be cheaper still, but is not on every machine, and two generators give two sets of figures.
 */
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';
import type { LoadOrder, LoadResult } from './load.ts';
import { FRESH_ID } from './scenario.ts';

const READ_BUFFER = 64 * 1024;
/** A head is looked for in the first bytes of a reply. */
const MAX_HEAD = 8 * 1024;
const HEAD_END = '\r\n\r\n';

/** The bytes of one request, with fresh ids where the order wants them. */
function requestWriter({ method, target, headers, body }: LoadOrder): () => string {
  const lines = [`${method} ${target} HTTP/1.1`, ...Object.entries(headers).map(([k, v]) => `${k}: ${v}`)];
  if (body !== undefined) {
    lines.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`);
  }
  // Sent as Latin-1, so every byte of the UTF-8 text is a character here.
  const bytes = Buffer.from(`${lines.join('\r\n')}${HEAD_END}${body ?? ''}`, 'utf8').toString('latin1');
  const parts = bytes.split(FRESH_ID);
  if (parts.length === 1) return () => bytes;
  return () => parts.reduce((text, part) => text + randomUUID() + part);
}

interface Reply {
  readonly status: number;
  readonly head: string;
}

/** One connection. `onReply` is told about every complete reply; `send` may be called from there. */
function openConnection(port: number, onReply: (reply: Reply) => void, onBroken: (error: Error) => void) {
  let head = '';
  let reply: Reply | undefined;
  let missing = 0;

  const read = (size: number, bytes: Uint8Array): boolean => {
    if (!reply) {
      const known = head.length;
      head += Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(size, MAX_HEAD)).toString('latin1');
      const end = head.indexOf(HEAD_END);
      if (end < 0) return true;
      const text = head.slice(0, end);
      const length = /content-length: (\d+)/i.exec(text)?.[1];
      if (length === undefined) {
        onBroken(new Error(`A reply without Content-Length cannot be counted:\n${text}`));
        return true;
      }
      reply = { status: Number(text.slice(9, 12)), head: text };
      missing = Number(length) + end + HEAD_END.length - known;
    }
    missing -= size;
    if (missing <= 0) {
      const done = reply;
      reply = undefined;
      head = '';
      onReply(done);
    }
    return true;
  };

  const socket: Socket = connect({
    host: '127.0.0.1',
    port,
    noDelay: true,
    onread: { buffer: new Uint8Array(READ_BUFFER), callback: read },
  });
  socket.on('error', onBroken);
  socket.on('close', () => onBroken(new Error('The server closed a connection.')));
  return {
    send: (bytes: string) => void socket.write(bytes, 'latin1'),
    close: () => {
      socket.removeAllListeners('close');
      socket.destroy();
    },
  };
}

const percentile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** Carries out one order; latencies are in milliseconds. */
function run(order: LoadOrder): Promise<LoadResult> {
  const { promise, resolve, reject } = Promise.withResolvers<LoadResult>();
  const write = requestWriter(order);
  const measureFrom = performance.now() + order.warmUpMs;
  const until = measureFrom + order.durationMs;
  const latencies: number[] = [];
  let answered = 0;
  let open = order.connections;

  const finish = () => {
    const sorted = Float64Array.from(latencies).sort();
    resolve({
      answered,
      perSecond: sorted.length / (order.durationMs / 1000),
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
    });
  };

  for (let index = 0; index < order.connections; index += 1) {
    let sentAt = 0;
    const next = () => {
      sentAt = performance.now();
      connection.send(write());
    };
    const connection = openConnection(
      order.port,
      ({ status, head }) => {
        const now = performance.now();
        if (status !== order.status) {
          reject(new Error(`${order.method} ${order.target} was answered with\n${head}`));
          return connection.close();
        }
        answered += 1;
        if (now >= measureFrom && now < until) latencies.push(now - sentAt);
        if (now < until) return next();
        connection.close();
        open -= 1;
        if (open === 0) finish();
      },
      reject,
    );
    next();
  }
  return promise;
}

parentPort?.on('message', async (order: LoadOrder) => {
  try {
    parentPort?.postMessage({ result: await run(order) });
  } catch (error) {
    parentPort?.postMessage({ error });
  }
});
