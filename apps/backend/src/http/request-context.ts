import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { pinoHttp } from 'pino-http';
import { BOUNDS, cut } from '../platform/bounds.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import { currentTraceId } from '../platform/tracing/index.ts';
import { requestIdOf } from './request-id.ts';
import { setState, stateOf } from './request-state.ts';

const QUIET = new Set(['/health', '/healthz', '/readyz', '/metrics', '/socket.io/']);

const pathOf = (url: string | undefined): string => url?.split('?', 1)[0] ?? '';

/** What the access log says of a request: no headers, no body and no query string, so no secret can get into it. */
function accessLine(req: IncomingMessage, res: ServerResponse, ms: number) {
  const { route, user, orgId } = stateOf(res as Response);
  const traceId = currentTraceId();
  return {
    method: req.method,
    path: cut(pathOf((req as Request).originalUrl), BOUNDS.path),
    route,
    status: res.statusCode,
    ...(user && { user: user.userId }),
    ...(orgId && { org: orgId }),
    ...(traceId && { traceId }),
    ms,
  };
}

/** Gives each request its id, its logger and its state; counts it and writes one access-log line when it is done. */
export function requestContext(deps: { logger: Logger; metrics: Metrics }): RequestHandler[] {
  const { logger, metrics } = deps;
  const logRequests = pinoHttp({
    logger,
    genReqId: (req, res) => {
      const id = requestIdOf(req);
      res.setHeader('X-Request-ID', id);
      return id;
    },
    // The request is put into its logger as its id alone: one small logger for each request instead of two large ones.
    customAttributeKeys: { req: 'requestId', responseTime: 'ms' },
    serializers: { requestId: ({ id }: IncomingMessage) => id },
    wrapSerializers: false,
    autoLogging: { ignore: (req) => QUIET.has(pathOf(req.url)) },
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request failed',
    customLogLevel: (_req, res) => (res.statusCode >= 500 ? 'error' : 'info'),
    // Not `customProps`: those would be computed twice and put into two further loggers for every request.
    customSuccessObject: (req, res, { ms }) => accessLine(req, res, ms),
    customErrorObject: (req, res, _error, { ms }) => accessLine(req, res, ms),
  });

  const start: RequestHandler = (req, res, next) => {
    const startedAt = process.hrtime.bigint();
    setState(res, { requestId: String(req.id), logger: req.log, startedAt, route: 'none', counted: false });
    res.once('finish', () => {
      const { route } = stateOf(res);
      const labels = { method: req.method, route, status: res.statusCode };
      metrics.httpRequests.inc(labels);
      metrics.httpDuration.observe(labels, Number(process.hrtime.bigint() - startedAt) / 1e9);
    });
    next();
  };

  return [logRequests, start];
}
