import { createServer, IncomingMessage, type Server, type ServerOptions, ServerResponse } from 'node:http';
import type { Express, Request, Response } from 'express';
import { answerUnhandled } from './error-handler.ts';
import { settleTarget } from './request-target.ts';

/** Node looks for requests that take too long every 30 s unless told: a limit of 30 s would act after up to 60 s. */
const TIMEOUT_CHECK_MS = 1000;

/**
 * An HTTP server for one Express application whose requests and responses are Express's own from their creation.
 *
 * Express replaces the prototype of every request and response, and V8 handles an object that this happened to slowly
 * wherever it is used afterwards. Here both are created with the very prototype that Express is about to give them.
 * They must be classes: V8 knows the shape of their instances in advance.
 *
 * Express is given no request that it would answer by itself, which it does in HTML and without any of our headers.
 */
export function createHttpServer(app: Express, options: ServerOptions): Server {
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse extends ServerResponse {}
  Object.setPrototypeOf(ExpressRequest.prototype, app.request);
  Object.setPrototypeOf(ExpressResponse.prototype, app.response);
  Object.assign(app, { request: ExpressRequest.prototype, response: ExpressResponse.prototype });
  const server = createServer(
    {
      ...options,
      IncomingMessage: ExpressRequest,
      ServerResponse: ExpressResponse,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      // Refused by the application, in the shape of every other error.
      requireHostHeader: false,
    } as ServerOptions,
    (req, res) => {
      settleTarget(req);
      app(req as Request, res as Response, answerUnhandled(req, res as Response));
    },
  );
  // Node asks the system for the address once, and can no more when the connection is gone: whoever hangs up at once
  // must not be counted and logged as nobody. One that is gone by now has nobody to be served.
  server.on('connection', (socket) => {
    if (socket.remoteAddress === undefined) socket.destroy();
  });
  // Without a listener Node refuses an odd expectation by itself, and asks for every body before anybody may refuse it.
  for (const event of ['checkContinue', 'checkExpectation'])
    server.on(event, (req, res) => server.emit('request', req, res));
  // Node drops what came in together with a request that asked for an upgrade and got none.
  server.prependListener('request', (req, res) => {
    if (req.headers.upgrade !== undefined) res.setHeader('Connection', 'close');
  });
  return server;
}
