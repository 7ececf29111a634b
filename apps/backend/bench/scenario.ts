import type { Client } from '@plinth/client';
import type { Pool } from 'pg';

/** A person who has signed up at the running product and founded an organisation there. */
export interface Visitor {
  readonly api: Client;
  readonly userId: string;
  readonly orgId: string;
}

/** What is sent again and again. */
export interface LoadRequest {
  /** Path and query as on the wire. */
  readonly target: string;
  /** JSON; each {@link FRESH_ID} in it is replaced by a new UUID of the same length in every request. */
  readonly body?: string;
}

export const FRESH_ID = '00000000-0000-0000-0000-000000000000';

/** The work of a route as one would write it without Plinth: parameters of the path and parsed body to reply. */
export type PlainWork = (params: Readonly<Record<string, unknown>>, body: unknown) => unknown;

/** One kind of request, and what it is compared with. */
export interface Scenario {
  readonly title: string;
  readonly method: 'GET' | 'POST';
  /** As Express writes it. */
  readonly path: string;
  readonly status: 200 | 201;
  /** Whether the plain servers need `pg` for it, which their names then say. */
  readonly database: boolean;
  /** Least requests per second in proportion to bare Express. */
  readonly goal: number;
  /** Makes in the running product what is asked for, and says how to ask. */
  readonly prepare: (visitor: Visitor) => Promise<LoadRequest>;
  /** Same statements, same JSON, nothing else: no token, no validation, no limit. `userId` stands for the caller. */
  readonly plain: (pool: Pool, userId: string) => PlainWork;
}

/** Thrown by plain work to show that it looks at what it reads, too. */
export class NotFound extends Error {}
