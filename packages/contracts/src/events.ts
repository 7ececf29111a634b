import type { z } from 'zod';
import type { Access } from './contract.ts';
import type { Problem } from './problem.ts';

/** An event that a client sends and that the server answers with an acknowledgement. */
export interface ClientEventContract {
  readonly summary: string;
  /** As for routes; `orgRoles` reads the organisation from the payload's `orgId`. */
  readonly access: Exclude<Access, 'public'>;
  /**
   * Every event counts in the user's budget of events. `general`: it does what a route does, and counts in that
   * budget as well, so that REST and sockets share one.
   */
  readonly limit?: 'general';
  readonly payload: z.ZodObject;
  readonly reply: z.ZodType;
}

/** What one module says and hears on the socket. */
export interface EventContract {
  /** Client → server, each answered with an {@link EventReply}. */
  readonly client: Readonly<Record<string, ClientEventContract>>;
  /** Server → client. */
  readonly server: Readonly<Record<string, z.ZodType>>;
}

/** Acknowledgement of a client event: the reply, or the same problem that REST would answer. */
export type EventReply<T> = { ok: true; data: T } | { ok: false; problem: Problem };

/** Declares a module's socket events. */
export const defineEvents = <const E extends EventContract>(events: E): E => events;

/** Socket.IO's event map of what a client may send. */
export type ClientEventMap<C extends EventContract['client']> = {
  [K in keyof C]: (
    payload: z.input<C[K]['payload']>,
    ack: (reply: EventReply<z.output<C[K]['reply']>>) => void,
  ) => void;
};

/** Socket.IO's event map of what a client hears. */
export type ServerEventMap<S extends EventContract['server']> = {
  [K in keyof S]: (payload: z.output<S[K]>) => void;
};
