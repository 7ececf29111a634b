import type {
  BodyInputOf,
  Contract,
  contracts,
  ParamsOf,
  QueryInputOf,
  ReplyOf,
  RouteContract,
} from '@plinth/contracts';

/** Every route of the API, by module. A module that is taken out of the contracts is gone here as well. */
export type Contracts = typeof contracts;
export type ContractSet = Readonly<Record<string, Contract>>;

/** What a call needs to know of its route at run time; the schemas stay on the server. */
export interface RouteInfo {
  readonly method: string;
  /** As it is mounted, parameters as `:name`. */
  readonly path: string;
  /** Public routes are called without a token. */
  readonly token: boolean;
  readonly body: boolean;
}

export type RouteTable<C extends ContractSet = Contracts> = {
  readonly [M in keyof C]: { readonly [R in keyof C[M]]: RouteInfo };
};

type Optional<T> = { [K in keyof T]?: T[K] | undefined };
type Part<K extends string, Declared, Value> = [Declared] extends [object]
  ? Record<never, never> extends Value
    ? Optional<Record<K, Value>>
    : Record<K, Value>
  : unknown;

/** What a route is called with: `params`, `query` and `body`, each only where the contract has it. */
export type InputOf<R extends RouteContract> = Part<'params', R['params'], ParamsOf<R>> &
  Part<'query', R['query'], QueryInputOf<R>> &
  Part<'body', R['body'], BodyInputOf<R>>;

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** One route as a function. Rejects with `ApiError`, or with the signal's reason when it was aborted. */
export type Call<R extends RouteContract> =
  Record<never, never> extends InputOf<R>
    ? (input?: InputOf<R>, options?: CallOptions) => Promise<ReplyOf<R>>
    : (input: InputOf<R>, options?: CallOptions) => Promise<ReplyOf<R>>;

export type Client<C extends ContractSet = Contracts> = {
  readonly [M in keyof C]: { readonly [R in keyof C[M]]: Call<C[M][R]> };
};
