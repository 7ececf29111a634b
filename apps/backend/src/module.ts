import type { BoundRoute } from './http/bind-routes.ts';
import type { Job } from './platform/jobs.ts';
import type { OutboxHandler } from './platform/outbox.ts';
import type { BoundEvent } from './realtime/bind-events.ts';
import type { Broadcaster } from './realtime/rooms.ts';

/** What a module gives to the application. Everything but the name is optional. */
export interface Module {
  readonly name: string;
  readonly routes?: readonly BoundRoute[];
  readonly events?: readonly BoundEvent[];
  /** Publishes the module's outbox events, by topic. */
  readonly outbox?: (to: Broadcaster) => Readonly<Record<string, OutboxHandler>>;
  /** Work that is due again and again; done by the process that publishes the outbox. */
  readonly jobs?: readonly Job[];
  /** Ends what the module keeps running. */
  readonly close?: () => void | Promise<void>;
}
