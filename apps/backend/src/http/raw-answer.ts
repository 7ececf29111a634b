import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError, type ErrorCode } from '../platform/errors.ts';
import { toProblem } from '../platform/problem.ts';
import type { Connections } from './connections.ts';
import { headersOf, PROBLEM_TYPE } from './problem-headers.ts';
import { requestIdOf } from './request-id.ts';
import { API_HEADERS } from './security-headers.ts';

/** How long what a client still sends is read, so that the answer is not lost in a reset, in milliseconds. */
const LINGER_MS = 1000;
const leaving = new WeakSet<Duplex>();

/**
 * Answers on a connection that no response of Node's belongs to, as every other error is answered: a problem with the
 * security headers and a request id. Then it hangs up, even if the client does not.
 */
export function answerRaw(
  socket: Duplex,
  error: AppError,
  requestId: string,
  further: Readonly<Record<string, string>> = {},
): void {
  if (leaving.has(socket)) return;
  leaving.add(socket);
  socket.on('error', () => {});
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const problem = toProblem(error, { requestId });
  const body = JSON.stringify(problem);
  const headers = {
    ...Object.fromEntries(API_HEADERS),
    ...headersOf(error),
    ...further,
    'Content-Type': PROBLEM_TYPE,
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Request-ID': requestId,
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const { status } = problem;
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** What Node's parser reports, and what that is called here; everything else is malformed. */
const BROKEN: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'Address and headers are too large: send at most 16 KB.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['payload_too_large', 'The chunk extensions are too large: leave them out.'],
  HPE_INVALID_VERSION: ['http_version_not_supported', 'Send the request as HTTP/1.1.'],
  HPE_PAUSED_H2_UPGRADE: ['http_version_not_supported', 'Send the request as HTTP/1.1.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The request did not arrive in time: send it again.'],
};

/** Answers what never becomes a request that Express could see: what cannot be read as one, and CONNECT. */
export function answerOutsiders(server: Server, connections: Connections): void {
  server.on('clientError', (error: Error & { code?: string }, duplex) => {
    const socket = duplex as Socket;
    const answer = connections.answerOn(socket);
    // Words of ours must not get into an answer that is under way: neither of this request nor of one before it.
    const ours = !answer || (answer.socket === socket && !answer.headersSent && !answer.req.complete);
    if (!ours) {
      socket.destroy();
      return;
    }
    const [code, detail] = BROKEN[error.code ?? ''] ?? [
      'malformed' as const,
      'The request could not be read as HTTP: send well-formed HTTP/1.1.',
    ];
    answerRaw(socket, new AppError(code, detail), crypto.randomUUID());
  });
  server.on('connect', (req: IncomingMessage, socket: Duplex) => {
    const refusal = new AppError('method_not_allowed', 'This is no proxy: CONNECT is not possible here.', {
      allow: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    });
    answerRaw(socket, refusal, requestIdOf(req));
  });
}
