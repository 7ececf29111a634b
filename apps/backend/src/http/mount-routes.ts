import { Id, routePath } from '@plinth/contracts';
import type { Express, Request, RequestHandler, Response } from 'express';
import { type AccessPorts, authorize } from '../platform/access.ts';
import type { Context } from '../platform/context.ts';
import { AppError, notFound } from '../platform/errors.ts';
import { authenticate, type VerifyAccessToken } from './authenticate.ts';
import type { BoundRoute, HandlerInput } from './bind-routes.ts';
import { exchangeOf } from './cookies.ts';
import { parseInput } from './parse-input.ts';
import { COUNTED_BY_BODY, type RateLimiters } from './rate-limit.ts';
import { readJson } from './read-json.ts';
import { addressOf, stateOf } from './request-state.ts';

export interface MountDeps {
  readonly verifyAccessToken: VerifyAccessToken;
  readonly access: AccessPorts;
  readonly limiters: RateLimiters;
  /** Largest JSON body. */
  readonly bodyLimitBytes: number;
}

const ANONYMOUS = { type: 'anonymous' } as const;

/** The context of a request; its signal is aborted when the client hangs up. */
function contextOf(req: Request, res: Response): Context {
  const { requestId, logger, user } = stateOf(res);
  const gone = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) gone.abort();
  });
  const userAgent = req.headers['user-agent'];
  return {
    actor: user ?? ANONYMOUS,
    requestId,
    logger,
    signal: gone.signal,
    ip: addressOf(req),
    ...(userAgent !== undefined && { userAgent: userAgent.slice(0, 300) }),
  };
}

/** Access first, so that nothing is said about the input to somebody who may not even ask. */
async function admit(route: BoundRoute, req: Request, res: Response, access: AccessPorts): Promise<Context> {
  const state = stateOf(res);
  const declared = route.contract.access;
  if (declared !== 'public' && state.authError) throw state.authError;
  const { orgId } = req.params;
  const known = typeof orgId === 'string' && Id.safeParse(orgId).success ? orgId : undefined;
  if (typeof declared === 'object' && 'orgRoles' in declared && known === undefined) {
    // What is no id cannot be looked up: signed-in callers learn what is wrong with it.
    await authorize(contextOf(req, res), 'authenticated', undefined, access);
    if (route.kind === 'contract') {
      const { body: _, ...rest } = route.contract;
      parseInput(rest, req);
    }
    throw notFound('organisation');
  }
  if (known) state.orgId = known;
  return authorize(contextOf(req, res), declared, known, access);
}

/** The JSON body, read when it is first asked for. */
const bodyOf = (req: Request, res: Response, limit: number): Promise<unknown> => {
  const state = stateOf(res);
  state.body ??= readJson(req, res, limit);
  return state.body;
};

function handlerOf(route: BoundRoute, { access, bodyLimitBytes }: MountDeps): RequestHandler {
  if (route.kind === 'raw') {
    return async (req, res, next) => {
      await admit(route, req, res, access);
      return route.handle(req, res, next);
    };
  }
  const { contract, handle } = route;
  return async (req, res) => {
    const ctx = await admit(route, req, res, access);
    // Only now: nobody's body is read whom the route turns away.
    const body = contract.body && (await bodyOf(req, res, bodyLimitBytes));
    const input = { ...parseInput(contract, req, body), ctx, exchange: exchangeOf(req, res) };
    const result = await handle(input as HandlerInput<typeof contract>);
    res.statusCode = contract.status;
    res.setHeader('Cache-Control', 'no-store');
    if (contract.status === 204) return void res.end();
    res.setHeader('Content-Type', 'application/json; charset=utf-8');
    // Parsing the reply drops every column the contract does not show.
    res.end(JSON.stringify(contract.reply.parse(result)));
  };
}

/**
 * Mounts every route with what it declares: token, limit, access, input, reply. Afterwards an address that exists
 * answers 405 to other methods.
 */
export function mountRoutes(app: Express, routes: readonly BoundRoute[], deps: MountDeps): void {
  const readToken = authenticate(deps.verifyAccessToken);
  const readBody: RequestHandler = async (req, res, next) => {
    await bodyOf(req, res, deps.bodyLimitBytes);
    next();
  };
  const methodsByPath = new Map<string, string[]>();
  for (const route of routes) {
    const path = routePath(route.contract as Parameters<typeof routePath>[0]);
    const { method, access, limit = 'general' } = route.contract;
    const named: RequestHandler = (_req, res, next) => {
      stateOf(res).route = path;
      next();
    };
    const limiter = limit === 'none' ? [] : deps.limiters[limit];
    app[method](path, [
      named,
      ...(access === 'public' ? [] : [readToken]),
      ...(COUNTED_BY_BODY.has(limit) ? [readBody, ...limiter] : limiter),
      handlerOf(route, deps),
    ]);
    methodsByPath.set(path, [...(methodsByPath.get(path) ?? []), method.toUpperCase()]);
  }
  for (const [path, methods] of methodsByPath) {
    const allow = methods.includes('GET') ? ['HEAD', ...methods] : methods;
    app.route(path).all((req) => {
      throw new AppError(
        'method_not_allowed',
        `${req.method} is not possible here, but ${allow.join(', ')}.`,
        { allow },
      );
    });
  }
}
