import { createServer, IncomingMessage, type Server, type ServerOptions, ServerResponse } from 'node:http';
import type { Express } from 'express';

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
