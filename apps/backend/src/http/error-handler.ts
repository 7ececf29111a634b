import type { IncomingMessage } from 'node:http';
import type { Problem } from '@plinth/contracts';
import type { ErrorRequestHandler, Response } from 'express';
import { BOUNDS, cut } from '../platform/bounds.ts';
import { ERRORS } from '../platform/errors.ts';
import type { Metrics } from '../platform/metrics.ts';
import { toAppError, toProblem } from '../platform/problem.ts';
import { captureError } from '../platform/tracing/index.ts';
import { headersOf, PROBLEM_TYPE } from './problem-headers.ts';
import { requestIdOf } from './request-id.ts';
import { addressOf, stateOf } from './request-state.ts';
import { API_HEADERS } from './security-headers.ts';

export function sendProblem(res: Response, problem: Problem): void {
  res.statusCode = problem.status;
  res.setHeader('Content-Type', PROBLEM_TYPE);
  // Not Express's send(): that looks at the request, which the engine of the sockets takes apart.
  res.end(JSON.stringify(problem));
}

/** For what no middleware has answered, the error handler included: in the place of Express's page of HTML. */
export const answerUnhandled =
  (req: IncomingMessage, res: Response) =>
  (error?: unknown): void => {
    if (res.headersSent) {
      res.socket?.destroy();
      return;
    }
    const requestId = String(res.getHeader('X-Request-ID') ?? requestIdOf(req));
    res.setHeaders(API_HEADERS);
    res.setHeader('X-Request-ID', requestId);
    res.setHeader('Cache-Control', 'no-store');
    sendProblem(res, toProblem(toAppError(error), { requestId }));
  };

/** The one place where an error becomes an answer, a log line, a count and a report. */
export function errorHandler(deps: { metrics: Metrics }): ErrorRequestHandler {
  return (thrown: unknown, req, res, _next) => {
    const error = toAppError(thrown);
    const { severity, reported } = ERRORS[error.code];
    const { requestId, logger, user, route } = stateOf(res);
    deps.metrics.errors.inc({ code: error.code, severity });
    const cause = error.details.cause ?? error;
    if (severity === 'error') logger.error({ err: cause, code: error.code }, error.message);
    else
      logger[severity](
        {
          code: error.code,
          detail: cut(error.message, BOUNDS.sentence),
          route,
          ...(user && { user: user.userId }),
          ip: addressOf(req),
        },
        'Request refused',
      );
    if (reported) captureError(cause, { requestId, route, ...(user && { userId: user.userId }) });

    if (res.headersSent) {
      // The answer is under way: cutting the connection is the only way left to say that it is incomplete.
      res.socket?.destroy();
      return;
    }
    // Also where no middleware has set them yet, or those of a page.
    res.setHeaders(API_HEADERS);
    res.setHeaders(new Map(Object.entries(headersOf(error))));
    sendProblem(res, toProblem(error, { requestId, instance: req.originalUrl.split('?', 1)[0] ?? '' }));
  };
}
