import type { z } from 'zod';
import type { OrgRole, PlatformRole } from './common.ts';

/**
 * Who may call a route. There is no default: a route without `access` does not compile.
 * - `public`: anyone, no token is looked at
 * - `authenticated`: any signed-in user
 * - `roles`: a signed-in user with one of these platform roles
 * - `orgRoles`: a member of the organisation named by `:orgId` in the path, with one of these roles;
 *   everybody else is told that the organisation does not exist
 */
export type Access =
  | 'public'
  | 'authenticated'
  | { readonly roles: readonly [PlatformRole, ...PlatformRole[]] }
  | { readonly orgRoles: readonly [OrgRole, ...OrgRole[]] };

/**
 * Rate-limit class of a route; each has its own budget in the configuration.
 * - `general`: by user, by address when signed out
 * - `auth`: by address and its wider networks
 * - `login`: failures only, by account, address and its wider networks
 * - `session`: by the session of the refresh token that comes along
 * - `probe`: by address, generous, counted by each process alone
 */
export type LimitClass = 'general' | 'auth' | 'login' | 'session' | 'probe' | 'none';

/**
 * What a route refuses besides what its access, limit and input imply: codes of the errors, for the description of
 * the API.
 */
export type RouteError =
  | 'unauthenticated'
  | 'invalid_credentials'
  | 'session_ended'
  | 'csrf_failed'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'gone'
  | 'not_ready';

export type HttpMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

export interface RouteContract {
  readonly method: HttpMethod;
  /** Below {@link API_PREFIX}; parameters as `:name`. */
  readonly path: `/${string}`;
  /** Mounted at the root instead of below {@link API_PREFIX}: probes and other fixed addresses. */
  readonly root?: true;
  readonly summary: string;
  readonly access: Access;
  /** `general` unless told. */
  readonly limit?: LimitClass;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /**
   * What it does with the session that browsers keep in cookies, for the description of the API: all three set
   * cookies; `renews` and `ends` also take them, with the CSRF header as proof.
   */
  readonly session?: 'begins' | 'renews' | 'ends';
  /** Refusals of its own; see {@link RouteError}. */
  readonly errors?: readonly RouteError[];
  readonly status: 200 | 201 | 204;
  /** Schema of the reply; every reply is parsed by it. `z.void()` goes with status 204. */
  readonly reply: z.ZodType;
}

export type Contract = Readonly<Record<string, RouteContract>>;

/** First path segment of every versioned route. */
export const API_PREFIX = '/api/v1';

/** Declares a module's routes: the one place from which validation, guards, OpenAPI and the client are made. */
export const defineContract = <const C extends Contract>(contract: C): C => contract;

/** The address of a route as it is mounted, parameters still as `:name`. */
export const routePath = (route: RouteContract): string =>
  route.root ? route.path : `${API_PREFIX}${route.path}`;

type ParsedBy<S> = S extends z.ZodType ? z.output<S> : undefined;
type AcceptedBy<S> = S extends z.ZodType ? z.input<S> : undefined;

export type ParamsOf<R extends RouteContract> = ParsedBy<R['params']>;
export type QueryOf<R extends RouteContract> = ParsedBy<R['query']>;
export type BodyOf<R extends RouteContract> = ParsedBy<R['body']>;
export type QueryInputOf<R extends RouteContract> = AcceptedBy<R['query']>;
export type BodyInputOf<R extends RouteContract> = AcceptedBy<R['body']>;
/** What a handler returns: it may hold more than the reply shows, never less. */
export type ReplyInputOf<R extends RouteContract> = z.input<R['reply']>;
/** What a client receives. */
export type ReplyOf<R extends RouteContract> = z.output<R['reply']>;
