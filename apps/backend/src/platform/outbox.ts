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
}

/** Longest pause between two attempts at the same event, in seconds. */
const MAX_BACKOFF_S = 60;
/** From so many failures on somebody should look at the event; it is tried for ever. */
const LOUD_ATTEMPTS = 10;
/** Longest wait for one event to be on its way. */
const PUBLISH_TIMEOUT_MS = 3000;
/** Time for which a relay has events to itself: what a relay that died holds up waits so long. */
const LEASE_S = 5;
const MEASURE_EVERY_MS = 10_000;

/** What carries events does not answer: no fault of the event, and the next one would fare no better. */
export class TransportAwayError extends Error {}

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
  WHERE id IN (SELECT id FROM outbox_events WHERE available_at <= now() ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING id, topic, payload, created_at, attempts`;
const PUT_OFF = `UPDATE outbox_events SET attempts = attempts + 1, last_error = $2,
  available_at = now() + make_interval(secs => $3) WHERE id = $1`;
const GIVE_BACK = 'UPDATE outbox_events SET available_at = now() WHERE id = ANY($1::bigint[])';
const DONE = 'DELETE FROM outbox_events WHERE id = ANY($1::bigint[])';
const BACKLOG = `SELECT count(*) AS pending, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest
  FROM outbox_events`;

const inTime = async (work: Promise<void>): Promise<void> => {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TransportAwayError('not confirmed in time')), PUBLISH_TIMEOUT_MS);
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
};

/**
 * The reading side: leases committed rows and publishes them one after the other, in their order; what is published is
 * deleted at once. No transaction is open while it waits for the network. Delivery is at least once: a row whose relay
 * died is published again when its lease has ended. While the transport is away the first event waits and all others
 * wait behind it, for as long as it takes; an event that is itself broken is put off, and those behind it go on.
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
  let measuredAt = Number.NEGATIVE_INFINITY;
  /** The transport did not answer last time: wake-ups do not shorten the wait for the next attempt. */
  let away = false;

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
    logger[attempt >= LOUD_ATTEMPTS ? 'error' : 'warn'](
      where,
      'An outbox event was not published; it will be tried again',
    );
    const problem = error instanceof Error ? error.message : String(error);
    await database.query(PUT_OFF, [id, problem.slice(0, 500), Math.min(2 ** attempts, MAX_BACKOFF_S)]);
  };

  /** @returns whether there may be more */
  const publishBatch = async (): Promise<boolean> => {
    const taken = await database.query<Row>(TAKE, [options.batch, LEASE_S], 'outbox_take');
    const rows = taken.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const done: bigint[] = [];
    let next = 0;
    for (const row of rows) {
      try {
        await publish(row);
        done.push(row.id);
      } catch (error) {
        if (error instanceof TransportAwayError) {
          if (!away)
            logger.warn({ err: error, waiting: rows.length - next }, 'Events wait for the transport');
          metrics.outboxFailures.inc({ topic: row.topic });
          away = true;
          break;
        }
        await putOff(row, error);
      }
      away = false;
      next += 1;
    }
    if (done.length > 0) await database.query(DONE, [done], 'outbox_done');
    const waiting = rows.slice(next).map(({ id }) => id);
    if (waiting.length > 0) await database.query(GIVE_BACK, [waiting]);
    return !away && rows.length === options.batch;
  };

  /** Measures what waits. */
  const measure = async () => {
    if (performance.now() - measuredAt < MEASURE_EVERY_MS) return;
    measuredAt = performance.now();
    const [backlog] = await database.query<{ pending: bigint; oldest: number }>(BACKLOG);
    metrics.outboxPending.set(Number(backlog?.pending ?? 0));
    metrics.outboxOldest.set(backlog?.oldest ?? 0);
  };

  const drain = async () => {
    try {
      do {
        pending = false;
        while (!stopped && (await publishBatch()));
      } while (pending && !away && !stopped);
      await measure();
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
      if (pending && !away) run();
      else timer = setTimeout(run, options.pollMs);
    });
  };

  const unsubscribe = deps.bus.subscribe('outbox.added', () => {
    if (!away) run();
  });
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
