import type { IncomingMessage } from 'node:http';

/** Ids from outside are kept only when they are harmless in a log line and a header. */
const ACCEPTABLE_ID = /^[\w.-]{8,64}$/;

/** The id of a request: the one it brings, when that is harmless, otherwise a new one. */
export const requestIdOf = (req: IncomingMessage): string => {
  const given = req.headers['x-request-id'];
  return typeof given === 'string' && ACCEPTABLE_ID.test(given) ? given : crypto.randomUUID();
};
