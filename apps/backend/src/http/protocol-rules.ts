import type { RequestHandler } from 'express';
import { AppError } from '../platform/errors.ts';

/** What HTTP asks of a server and Node would answer without a body: RFC 9112, 3.2 (Host) and RFC 9110, 10.1.1 (Expect). */
export const protocolRules: RequestHandler = ({ httpVersion, headers: { host, expect } }, _res, next) => {
  if (httpVersion === '1.1') {
    if (host === undefined) throw new AppError('malformed', 'Send the Host header: HTTP/1.1 demands it.');
    if (expect !== undefined && expect.toLowerCase() !== '100-continue')
      throw new AppError('expectation_failed', 'The only expectation this server meets is "100-continue".');
  }
  next();
};
