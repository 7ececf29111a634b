import type { BodyOf, Contract, ParamsOf, QueryOf, ReplyInputOf, RouteContract } from '@plinth/contracts';
import type { RequestHandler } from 'express';
import type { ContextFor } from '../platform/access.ts';
import type { Exchange } from './cookies.ts';

/** What a handler is given: parsed input, the caller's context as its access promises it, and the exchange. */
export interface HandlerInput<R extends RouteContract> {
  readonly ctx: ContextFor<R['access']>;
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: BodyOf<R>;
  readonly exchange: Exchange;
}

type Handler<R extends RouteContract> = (
  input: HandlerInput<R>,
) => ReplyInputOf<R> | Promise<ReplyInputOf<R>>;
type Handlers<C extends Contract> = { readonly [K in keyof C]: Handler<C[K]> };

/** The fields of a contract that hold for every route, also for one that answers by itself. */
export type RouteFace = Pick<RouteContract, 'method' | 'path' | 'root' | 'summary' | 'access' | 'limit'>;

/** A route ready to be mounted. */
export type BoundRoute =
  | {
      readonly kind: 'contract';
      readonly name: string;
      readonly contract: RouteContract;
      readonly handle: (input: HandlerInput<RouteContract>) => unknown;
    }
  | {
      readonly kind: 'raw';
      readonly name: string;
      readonly contract: RouteFace;
      readonly handle: RequestHandler;
    };

/**
 * Joins a contract and its handlers. Every route of the contract must have its handler, each typed by its own entry.
 * `NoInfer` keeps the contract the only source of the types.
 */
export function bindRoutes<const C extends Contract>(
  contract: C,
  handlers: NoInfer<Handlers<C>>,
): BoundRoute[] {
  return Object.entries(contract).map(([name, route]) => ({
    kind: 'contract',
    name,
    contract: route,
    // The pairing of name and handler is checked by the parameter's type; an index cannot express it.
    handle: handlers[name] as (input: HandlerInput<RouteContract>) => unknown,
  }));
}

/**
 * The way out for what does not fit a contract: streams, files, webhooks. The handler is plain Express and writes
 * the answer itself; access and limit are declared and enforced all the same.
 */
export const rawRoute = (name: string, face: RouteFace, handle: RequestHandler): BoundRoute => ({
  kind: 'raw',
  name,
  contract: face,
  handle,
});
