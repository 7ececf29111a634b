import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { pinoHttp } from 'pino-http';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import { currentTraceId } from '../platform/tracing/index.ts';
import { setState, stateOf } from './request-state.ts';

/** Ids from outside are kept only when they are harmless in a log line and a header. */
const ACCEPTABLE_ID = /^[\w.-]{8,64}$/;
const QUIET = new Set(['/health', '/healthz', '/readyz', '/metrics']);

const requestIdOf = (req: IncomingMessage): string => {
  const given = req.headers['x-request-id'];
  return typeof given === 'string' && ACCEPTABLE_ID.test(given) ? given : crypto.randomUUID();
};

const pathOf = (url: string | undefined): string => url?.split('?', 1)[0] ?? '';

/** What the access log says of a request: no headers, no body and no query string, so no secret can get into it. */
function accessLine(req: IncomingMessage, res: ServerResponse, ms: number) {
  const { route, user, orgId } = stateOf(res as Response);
  const traceId = currentTraceId();
  return {
    method: req.method,
    path: pathOf((req as Request).originalUrl),
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
    setState(res, { requestId: String(req.id), logger: req.log, startedAt, route: 'none' });
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
