import type { Access, OrgRole, PlatformRole } from '@plinth/contracts';
import type { Actor, Context, Membership, OrgContext, UserContext } from './context.ts';
import { AppError, notFound } from './errors.ts';

/** What the guards ask of the modules. */
export interface AccessPorts {
  /** The user's role in the organisation; undefined when not a member or there is no such organisation. */
  membershipRole(orgId: string, userId: string): Promise<OrgRole | undefined>;
  /** The user's present platform role: a demotion counts at once, whatever the token says. */
  platformRole(userId: string): Promise<PlatformRole | undefined>;
}

/** Demands a signed-in user. */
export function jwtAuthGuard(ctx: Context): UserContext {
  const { actor } = ctx;
  if (actor.type !== 'user')
    throw new AppError('unauthenticated', 'Sign in and send the access token as "Authorization: Bearer …".');
  return { ...ctx, actor };
}

/** Demands one of these platform roles, as stored now. */
export async function rolesGuard(
  ctx: UserContext,
  roles: readonly PlatformRole[],
  ports: AccessPorts,
): Promise<void> {
  const role = await ports.platformRole(ctx.actor.userId);
  if (!role || !roles.includes(role)) {
    throw new AppError('forbidden', `This needs the role ${roles.join(' or ')}.`);
  }
}

/**
 * Demands membership with one of these roles; to everybody else the organisation does not exist. A change asks again
 * inside its transaction, with a port that locks what it reads: the role may have gone since the request came in.
 */
export async function orgRolesGuard(
  ctx: UserContext,
  orgId: string,
  roles: readonly OrgRole[],
  ports: Pick<AccessPorts, 'membershipRole'>,
): Promise<OrgContext> {
  const role = await ports.membershipRole(orgId, ctx.actor.userId);
  if (!role) throw notFound('organisation');
  if (!roles.includes(role))
    throw new AppError('forbidden', `This needs the role ${roles.join(' or ')} in the organisation.`);
  const membership: Membership = { orgId, role };
  return { ...ctx, membership };
}

/**
 * Demands what a policy has decided about a resource: the step from a pure `can(…)` to an answer.
 * @param refusal tells the caller who may
 */
export function resourceOwnershipGuard(allowed: boolean, refusal: string): void {
  if (!allowed) throw new AppError('forbidden', refusal);
}

/** The context that a route or event with this access hands to its handler. */
export type ContextFor<A extends Access> = A extends 'public'
  ? Context<Actor>
  : A extends { orgRoles: unknown }
    ? OrgContext
    : UserContext;

/**
 * Applies a declared access: one function for routes and socket events.
 * @param orgId organisation named by the path or the payload, for `orgRoles`
 * @throws AppError unauthenticated, forbidden or not_found
 */
export async function authorize(
  ctx: Context,
  access: Access,
  orgId: string | undefined,
  ports: AccessPorts,
): Promise<Context> {
  if (access === 'public') return ctx;
  const userCtx = jwtAuthGuard(ctx);
  if (access === 'authenticated') return userCtx;
  if ('roles' in access) {
    await rolesGuard(userCtx, access.roles, ports);
    return userCtx;
  }
  if (orgId === undefined)
    throw new Error('A contract with orgRoles needs an orgId in its params or payload.');
  return orgRolesGuard(userCtx, orgId, access.orgRoles, ports);
}
