import type { Request, Response } from 'express';
import type { UserActor } from '../platform/context.ts';
import type { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { clientAddress } from './client-address.ts';

/** What the middlewares have found out about one request. It lives in `res.locals`, never on `req`. */
export interface RequestState {
  readonly requestId: string;
  readonly logger: Logger;
  readonly startedAt: bigint;
  /** Template of the route that answered, for metrics and logs; never the raw path. */
  route: string;
  /** The caller, once a valid access token was seen. */
  user?: UserActor;
  /** Why the access token was refused, for the routes that demand one. */
  authError?: AppError;
  orgId?: string;
  /** Whether some budget has paid for this request. */
  counted: boolean;
  /** The JSON body, as soon as somebody has begun to read it. */
  body?: Promise<unknown>;
}

const KEY = 'plinth';

export const setState = (res: Response, state: RequestState): void => {
  res.locals[KEY] = state;
};

/** The state of the request that `res` answers. */
export const stateOf = (res: Response): RequestState => res.locals[KEY] as RequestState;

/** The client's address, after `trust proxy`. */
export const addressOf = (req: Request): string => clientAddress(req, req.app.get('trust proxy fn'));
