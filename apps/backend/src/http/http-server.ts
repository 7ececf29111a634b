import {
  createServer,
  IncomingMessage,
  type Server,
  type ServerOptions,
  ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { Problem } from '@plinth/contracts';
import type { Express } from 'express';
import { API_HEADERS } from './security-headers.ts';

/**
 * An HTTP server for one Express application whose requests and responses are Express's own from their creation.
 *
 * Express replaces the prototype of every request and response, and V8 handles an object that this happened to slowly
 * wherever it is used afterwards. Here both are created with the very prototype that Express is about to give them.
 * They must be classes: V8 knows the shape of their instances in advance.
 */
export function createHttpServer(app: Express, options: ServerOptions): Server {
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse extends ServerResponse {}
  Object.setPrototypeOf(ExpressRequest.prototype, app.request);
  Object.setPrototypeOf(ExpressResponse.prototype, app.response);
  Object.assign(app, { request: ExpressRequest.prototype, response: ExpressResponse.prototype });
  return createServer(
    { ...options, IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse } as ServerOptions,
    app,
  );
}

/**
 * Answers what Node could not even read as a request, before Express exists for it: as every other error, a problem
 * with the security headers.
 */
export function refuseBrokenRequest(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable) return;
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const title = STATUS_CODES[status] ?? 'Bad Request';
  const requestId = crypto.randomUUID();
  const detail = 'The request could not be read as HTTP.';
  const problem: Problem = {
    type: 'urn:problem:malformed',
    title,
    status,
    detail,
    code: 'malformed',
    requestId,
  };
  const headers = {
    ...Object.fromEntries(API_HEADERS),
    'Content-Type': 'application/problem+json; charset=utf-8',
    'X-Request-ID': requestId,
    'Cache-Control': 'no-store',
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${lines.join('\r\n')}\r\n\r\n${JSON.stringify(problem)}`);
}
