import type { RequestHandler } from 'express';
import { AppError } from '../platform/errors.ts';
import { isReadableTarget } from './request-target.ts';

/**
 * What HTTP asks of a server and Node would answer without a body, or not at all: RFC 9112, 3.2 (target and Host) and
 * RFC 9110, 10.1.1 (Expect).
 */
export const protocolRules: RequestHandler = (req, _res, next) => {
  const {
    httpVersion,
    headers: { host, expect },
  } = req;
  if (!isReadableTarget(req))
    throw new AppError(
      'malformed',
      'The address cannot be read: send a path that begins with "/", percent-encoded.',
    );
  if (httpVersion === '1.1') {
    if (host === undefined) throw new AppError('malformed', 'Send the Host header: HTTP/1.1 demands it.');
    if (expect !== undefined && expect.toLowerCase() !== '100-continue')
      throw new AppError('expectation_failed', 'The only expectation this server meets is "100-continue".');
  }
  next();
};
