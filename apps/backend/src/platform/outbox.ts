import type { Database, Sql } from '@plinth/database';
import type { Bus } from './bus.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

export interface OutboxEvent {
  readonly topic: string;
  readonly payload: unknown;
}

/** Publishes one event; it may be called again for an event whose confirmation was lost. */
export type OutboxHandler = (payload: unknown) => Promise<void>;

export interface OutboxOptions {
  readonly batch: number;
  readonly pollMs: number;
  readonly keepHours: number;
}

/** Longest pause between two attempts at the same event. */
const MAX_BACKOFF_S = 60;
/** After so many failures an event is left alone, for somebody to look at. */
const MAX_ATTEMPTS = 50;
/** Longest wait for one event to be on its way. */
const PUBLISH_TIMEOUT_MS = 5000;
/** Time for which a relay has an event to itself; longer than publishing may take. */
const LEASE_S = 30;
const TIDY_EVERY_MS = 10_000;
const FORGET_AT_ONCE = 1000;

/** The writing side: rows join the transaction of the change, the wake-up follows its commit. */
export function createOutbox(deps: { bus: Bus }) {
  return {
    /** Adds an event in the caller's transaction: it is published if, and only if, that commits. */
    async add(sql: Sql, event: OutboxEvent): Promise<void> {
      await sql.query(
        'INSERT INTO outbox_events (topic, payload) VALUES ($1, $2::jsonb)',
        [event.topic, JSON.stringify(event.payload)],
        'outbox_add',
      );
    },
    /** Call after the commit: tells the relay not to wait for its next poll. */
    committed(): void {
      deps.bus.publish('outbox.added', {});
    },
  };
}

export type Outbox = ReturnType<typeof createOutbox>;

interface Row {
  id: bigint;
  topic: string;
  payload: unknown;
  created_at: Date;
  attempts: number;
}

const TAKE = `UPDATE outbox_events SET available_at = now() + make_interval(secs => $2)
  WHERE id IN (SELECT id FROM outbox_events WHERE published_at IS NULL AND available_at <= now() AND attempts < $3
               ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING id, topic, payload, created_at, attempts`;
const PUT_OFF = `UPDATE outbox_events SET attempts = attempts + 1, last_error = $2,
  available_at = now() + make_interval(secs => $3) WHERE id = $1`;
const FORGET = `DELETE FROM outbox_events WHERE id IN (
  SELECT id FROM outbox_events WHERE published_at < now() - make_interval(hours => $1) LIMIT $2)`;
const BACKLOG = `SELECT count(*) AS pending, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest
  FROM outbox_events WHERE published_at IS NULL`;

const inTime = async (work: Promise<void>): Promise<void> => {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('not confirmed in time')), PUBLISH_TIMEOUT_MS);
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
};

/**
 * The reading side: leases committed rows, publishes them in their order, marks them. No transaction is open while it
 * waits for the network. Delivery is at least once: a row whose relay died is published again when its lease has
 * ended. Several relays may run side by side. A failing event is put off, and those behind it do not wait.
 */
export function createOutboxRelay(
  options: OutboxOptions,
  deps: {
    database: Database;
    bus: Bus;
    logger: Logger;
    metrics: Metrics;
    handlers: Readonly<Record<string, OutboxHandler>>;
  },
) {
  const { database, handlers, logger, metrics } = deps;
  let stopped = false;
  let pending = false;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let tidiedAt = Number.NEGATIVE_INFINITY;

  const publish = async ({ topic, payload, created_at }: Row): Promise<void> => {
    const handler = handlers[topic];
    // Another version of this program may know the topic: the event must not be lost on this one.
    if (!handler) throw new Error(`No module publishes "${topic}" here.`);
    await inTime(handler(payload));
    metrics.outboxPublished.inc({ topic });
    metrics.outboxLag.set((Date.now() - created_at.getTime()) / 1000);
  };

  const putOff = async ({ id, topic, attempts }: Row, error: unknown): Promise<void> => {
    metrics.outboxFailures.inc({ topic });
    const attempt = attempts + 1;
    const where = { err: error, topic, event: String(id), attempt };
    if (attempt >= MAX_ATTEMPTS) logger.error(where, 'An outbox event is given up; it stays in the table');
    else logger.warn(where, 'An outbox event was not published; it will be tried again');
    const problem = error instanceof Error ? error.message : String(error);
    await database.query(PUT_OFF, [id, problem.slice(0, 500), Math.min(2 ** attempts, MAX_BACKOFF_S)]);
  };

  const publishBatch = async (): Promise<number> => {
    const taken = await database.query<Row>(TAKE, [options.batch, LEASE_S, MAX_ATTEMPTS], 'outbox_take');
    const rows = taken.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    // All are begun in their order and awaited together: one connection keeps the order.
    const outcomes = await Promise.allSettled(rows.map(publish));
    const done = rows.filter((_row, n) => outcomes[n]?.status === 'fulfilled').map(({ id }) => id);
    if (done.length > 0) {
      await database.query(
        'UPDATE outbox_events SET published_at = now() WHERE id = ANY($1::bigint[])',
        [done],
        'outbox_done',
      );
    }
    for (const [n, row] of rows.entries()) {
      const outcome = outcomes[n];
      if (outcome?.status === 'rejected') await putOff(row, outcome.reason);
    }
    return rows.length;
  };

  /** Forgets what was published long ago and measures what waits. */
  const tidy = async () => {
    if (performance.now() - tidiedAt < TIDY_EVERY_MS) return;
    tidiedAt = performance.now();
    let deleted: number;
    do {
      const rows = await database.query(`${FORGET} RETURNING id`, [options.keepHours, FORGET_AT_ONCE]);
      deleted = rows.length;
    } while (deleted === FORGET_AT_ONCE && !stopped);
    const [backlog] = await database.query<{ pending: bigint; oldest: number }>(BACKLOG);
    metrics.outboxPending.set(Number(backlog?.pending ?? 0));
    metrics.outboxOldest.set(backlog?.oldest ?? 0);
  };

  const drain = async () => {
    try {
      do {
        pending = false;
        while (!stopped && (await publishBatch()) === options.batch);
      } while (pending && !stopped);
      await tidy();
    } catch (error) {
      pending = false;
      logger.warn({ err: error }, 'The outbox could not be read; trying again');
    }
  };

  const run = () => {
    if (stopped) return;
    pending = true;
    if (running) return;
    clearTimeout(timer);
    running = drain().finally(() => {
      running = undefined;
      if (stopped) return;
      if (pending) run();
      else timer = setTimeout(run, options.pollMs);
    });
  };

  const unsubscribe = deps.bus.subscribe('outbox.added', run);
  run();

  return {
    async close() {
      stopped = true;
      unsubscribe();
      clearTimeout(timer);
      await running;
    },
  };
}
