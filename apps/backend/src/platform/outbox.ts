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
const CLEAN_EVERY_MS = 60_000;

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

/**
 * The reading side: takes committed rows in order, publishes them, marks them. Delivery is at least once; several
 * relays may run side by side (`SKIP LOCKED`). A failing event is put off and does not hold up the others.
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
  let cleanedAt = 0;

  const publishOne = async (row: Row): Promise<string | undefined> => {
    try {
      await handlers[row.topic]?.(row.payload);
      metrics.outboxPublished.inc({ topic: row.topic });
      metrics.outboxLag.set((Date.now() - row.created_at.getTime()) / 1000);
      return undefined;
    } catch (error) {
      metrics.outboxFailures.inc({ topic: row.topic });
      logger.warn(
        { err: error, topic: row.topic, event: String(row.id), attempt: row.attempts + 1 },
        'An outbox event was not published; it will be tried again',
      );
      return error instanceof Error ? error.message : String(error);
    }
  };

  const publishBatch = (): Promise<number> =>
    database.sqlTransaction(async (sql) => {
      const rows = await sql.query<Row>(
        `SELECT id, topic, payload, created_at, attempts FROM outbox_events
         WHERE published_at IS NULL AND available_at <= now() ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED`,
        [options.batch],
        'outbox_take',
      );
      if (rows.length === 0) return 0;
      const done: bigint[] = [];
      for (const row of rows) {
        const problem = await publishOne(row);
        if (problem === undefined) done.push(row.id);
        else {
          const backoffS = Math.min(2 ** row.attempts, MAX_BACKOFF_S);
          await sql.query(
            `UPDATE outbox_events SET attempts = attempts + 1, last_error = $2,
             available_at = now() + make_interval(secs => $3) WHERE id = $1`,
            [row.id, problem.slice(0, 500), backoffS],
          );
        }
      }
      await sql.query(
        'UPDATE outbox_events SET published_at = now() WHERE id = ANY($1::bigint[])',
        [done],
        'outbox_done',
      );
      return rows.length;
    });

  const clean = async () => {
    if (Date.now() - cleanedAt < CLEAN_EVERY_MS) return;
    cleanedAt = Date.now();
    await database.query(
      `DELETE FROM outbox_events WHERE id IN (
         SELECT id FROM outbox_events WHERE published_at < now() - make_interval(hours => $1) LIMIT 1000)`,
      [options.keepHours],
    );
  };

  const drain = async () => {
    try {
      do {
        pending = false;
        while (!stopped && (await publishBatch()) === options.batch);
      } while (pending && !stopped);
      await clean();
    } catch (error) {
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
