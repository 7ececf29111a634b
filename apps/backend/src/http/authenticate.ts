import type { RequestHandler } from 'express';
import type { UserActor } from '../platform/context.ts';
import { AppError } from '../platform/errors.ts';
import { stateOf } from './request-state.ts';

/**
 * Turns an access token into its user.
 * @throws AppError unauthenticated or session_ended
 */
export type VerifyAccessToken = (token: string) => Promise<UserActor>;

const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** The token of an Authorization header; undefined when there is none of the right form. */
export const bearerOf = (header: string | undefined): string | undefined => BEARER.exec(header ?? '')?.[1];

/**
 * Looks at the access token of every request and remembers the outcome; the guards decide what it is worth.
 * A broken token is an error only where a token is needed.
 */
export function authenticate(verify: VerifyAccessToken): RequestHandler {
  return async (req, res, next) => {
    const header = req.headers.authorization;
    if (header !== undefined) {
      const state = stateOf(res);
      try {
        const token = bearerOf(header);
        if (!token)
          throw new AppError('unauthenticated', 'The Authorization header must be "Bearer <access token>".');
        state.user = await verify(token);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        state.authError = error;
      }
    }
    next();
  };
}
