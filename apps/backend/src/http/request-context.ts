import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
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

/**
 * Gives each request its id, its logger and its state; counts it and writes one access-log line when it is done.
 * The line holds no headers, no body and no query string, so no secret can get into it.
 */
export function requestContext(deps: { logger: Logger; metrics: Metrics }): RequestHandler[] {
  const { logger, metrics } = deps;
  const logRequests = pinoHttp({
    logger,
    genReqId: (req, res) => {
      const id = requestIdOf(req);
      res.setHeader('X-Request-ID', id);
      return id;
    },
    customAttributeKeys: { reqId: 'requestId', responseTime: 'ms' },
    quietReqLogger: true,
    quietResLogger: true,
    serializers: { req: () => undefined, res: () => undefined },
    autoLogging: { ignore: (req) => QUIET.has(pathOf(req.url)) },
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request failed',
    customLogLevel: (_req, res) => (res.statusCode >= 500 ? 'error' : 'info'),
    customProps: (req, res) => {
      const state = stateOf(res as never);
      const traceId = currentTraceId();
      return {
        method: req.method,
        path: pathOf((req as { originalUrl?: string }).originalUrl ?? req.url),
        route: state?.route,
        status: res.statusCode,
        ...(state?.user && { user: state.user.userId }),
        ...(state?.orgId && { org: state.orgId }),
        ...(traceId && { traceId }),
      };
    },
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
