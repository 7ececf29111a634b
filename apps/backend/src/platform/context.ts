import type { OrgRole, PlatformRole } from '@plinth/contracts';
import type { Logger } from './logger.ts';

export type AnonymousActor = { readonly type: 'anonymous' };
export type UserActor = {
  readonly type: 'user';
  readonly userId: string;
  /** The sign-in the access token was made for. */
  readonly sessionId: string;
  readonly role: PlatformRole;
};
export type SystemActor = { readonly type: 'system'; readonly name: string };

/** Who acts. Switch on `type` exhaustively. */
export type Actor = AnonymousActor | UserActor | SystemActor;

/** The actor's place in the organisation that the request is about. */
export interface Membership {
  readonly orgId: string;
  readonly role: OrgRole;
}

/** What travels with one request, socket event or job. */
export interface Context<A extends Actor = Actor> {
  readonly actor: A;
  readonly requestId: string;
  readonly logger: Logger;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  readonly ip?: string;
  readonly userAgent?: string;
}

export type UserContext = Context<UserActor>;
/** A signed-in user as a member of the organisation in question. */
export type OrgContext = UserContext & { readonly membership: Membership };
