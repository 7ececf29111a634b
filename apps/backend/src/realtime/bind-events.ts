import type { ClientEventContract } from '@plinth/contracts';
import type { z } from 'zod';
import type { ContextFor } from '../platform/access.ts';

type Events = Readonly<Record<string, ClientEventContract>>;

/** Rooms of the socket that sent the event. */
export interface Rooms {
  join(room: string): void;
  leave(room: string): void;
}

export interface EventInput<E extends ClientEventContract> {
  readonly ctx: ContextFor<E['access']>;
  readonly payload: z.output<E['payload']>;
  readonly rooms: Rooms;
}

type EventHandlers<C extends Events> = {
  readonly [K in keyof C]: (
    input: EventInput<C[K]>,
  ) => z.input<C[K]['reply']> | Promise<z.input<C[K]['reply']>>;
};

/** A socket event ready to be served. */
export interface BoundEvent {
  readonly name: string;
  readonly contract: ClientEventContract;
  readonly handle: (input: EventInput<ClientEventContract>) => unknown;
}

/** Joins a module's client events and their handlers, as `bindRoutes` does for routes. */
export function bindEvents<const C extends Events>(
  events: C,
  handlers: NoInfer<EventHandlers<C>>,
): BoundEvent[] {
  return Object.entries(events).map(([name, contract]) => ({
    name,
    contract,
    // As in bindRoutes: the pairing is checked by the parameter's type.
    handle: handlers[name] as (input: EventInput<ClientEventContract>) => unknown,
  }));
}
