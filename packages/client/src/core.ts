import type { RouteContract } from '@plinth/contracts';
import { ApiError, errorOfReply, errorOfSilence, unexpectedReply } from './api-error.ts';
import type { CallOptions, Client, ContractSet, RouteInfo, RouteTable } from './types.ts';

export { ApiError, CLIENT_CODES } from './api-error.ts';
export type * from './types.ts';

/** Longest wait for one reply, in milliseconds, unless told. */
export const DEFAULT_TIMEOUT_MS = 15_000;

export interface ClientOptions {
  /** Origin of the API without a slash at the end; empty for the page's own origin. */
  readonly baseUrl: string;
  readonly fetch?: typeof fetch;
  /**
   * Access token of the next call. After a 401 it is asked once more with the token that was rejected;
   * when it then gives a different one, the call is sent again with that, once.
   */
  readonly token?: (rejected?: string) => string | undefined | Promise<string | undefined>;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

interface Input {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** The part of the contracts that a client needs at run time; `mountedAt` is `routePath` of the contracts. */
export const routeTable = <C extends ContractSet>(
  contracts: C,
  mountedAt: (route: RouteContract) => string,
): RouteTable<C> => {
  const info = (route: RouteContract): RouteInfo => ({
    method: route.method.toUpperCase(),
    path: mountedAt(route),
    token: route.access !== 'public',
    body: route.body !== undefined,
  });
  return mapTwice(contracts, info) as RouteTable<C>;
};

/** Makes a client of a route table. It holds no state and no connection; there is nothing to close. */
export const createClientFor = <C extends ContractSet>(
  routes: RouteTable<C>,
  options: ClientOptions,
): Client<C> => {
  const send = options.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args));
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;

  const once = async (route: RouteInfo, input: Input, call: CallOptions, token: string | undefined) => {
    const url = `${options.baseUrl}${addressOf(route, input)}`;
    const signal = AbortSignal.timeout(timeoutMs);
    const withBody = route.body || input.body !== undefined;
    try {
      return await send(url, {
        method: route.method,
        headers: {
          accept: 'application/json, application/problem+json',
          ...(withBody ? { 'content-type': 'application/json' } : {}),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...options.headers,
          ...call.headers,
        },
        ...(withBody ? { body: JSON.stringify(input.body ?? {}) } : {}),
        signal: call.signal ? AbortSignal.any([call.signal, signal]) : signal,
      });
    } catch (error) {
      call.signal?.throwIfAborted();
      throw errorOfSilence(error, timeoutMs);
    }
  };

  const callOf =
    (route: RouteInfo) =>
    async (input: Input = {}, call: CallOptions = {}): Promise<unknown> => {
      const token = route.token ? await options.token?.() : undefined;
      call.signal?.throwIfAborted();
      let reply = await once(route, input, call, token);
      if (reply.status === 401 && token !== undefined) {
        const renewed = await options.token?.(token);
        if (renewed !== undefined && renewed !== token) {
          await reply.body?.cancel();
          reply = await once(route, input, call, renewed);
        }
      }
      if (!reply.ok) throw await errorOfReply(reply);
      return bodyOf(reply, call, timeoutMs);
    };

  return mapTwice(routes, callOf) as Client<C>;
};

const bodyOf = async (reply: Response, call: CallOptions, timeoutMs: number): Promise<unknown> => {
  if (reply.status === 204) return undefined;
  const text = await reply.text().catch((error: unknown) => {
    call.signal?.throwIfAborted();
    throw errorOfSilence(error, timeoutMs);
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError(unexpectedReply(reply), { cause });
  }
};

const addressOf = (route: RouteInfo, input: Input): string => {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => {
    const value = input.params?.[name];
    if (value === undefined)
      throw new TypeError(`params.${name} is missing for ${route.method} ${route.path}`);
    return encodeURIComponent(String(value));
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? path : `${path}?${query}`;
};

const mapTwice = <A, B>(
  groups: Readonly<Record<string, Readonly<Record<string, A>>>>,
  change: (value: A) => B,
): Record<string, Record<string, B>> =>
  Object.fromEntries(
    Object.entries(groups).map(([group, values]) => [
      group,
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)])),
    ]),
  );
