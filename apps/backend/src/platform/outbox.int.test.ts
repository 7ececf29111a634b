import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createDatabase, type Database } from '@plinth/database';
import { pino } from 'pino';
import { createTestDatabase } from '../testing/create-test-app.ts';
import { until } from '../testing/until.ts';
import { createBus } from './bus.ts';
import { createMetrics } from './metrics.ts';
import { createOutbox, createOutboxRelay, type OutboxHandler, TransportAwayError } from './outbox.ts';

const logger = pino({ level: 'silent' });
const OPTIONS = { batch: 10, pollMs: 60_000 };

let own: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;

beforeAll(async () => {
  own = await createTestDatabase();
  database = createDatabase({ url: own.url });
});
/** Of the present test: ended with it, also when it fails, or they would go on in the process of the next one. */
const started: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const relay of started.splice(0)) await relay.close();
});
beforeEach(async () => {
  await database.query('TRUNCATE outbox_events');
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

function setUp(handlers: Record<string, OutboxHandler>, options = OPTIONS) {
  const bus = createBus({ logger });
  const outbox = createOutbox({ bus });
  const relay = createOutboxRelay(options, { database, bus, logger, metrics: createMetrics(), handlers });
  started.push(relay);
  const add = async (...payloads: unknown[]) => {
    await database.sqlTransaction(async (sql) => {
      for (const payload of payloads) await outbox.add(sql, { topic: 'thing.happened', payload });
    });
    outbox.committed();
  };
  return { outbox, relay, add };
}

describe('the outbox', () => {
  test('publishes every committed event once and in order, woken by the commit and not by its poll', async () => {
    const seen: unknown[] = [];
    const { relay, add } = setUp({ 'thing.happened': async (payload) => void seen.push(payload) });
    const numbers = Array.from({ length: 35 }, (_, n) => n);
    await add(...numbers);
    await until(() => seen.length === numbers.length);
    expect(seen).toEqual(numbers);
    await relay.close();
    expect(await database.prisma.outboxEvent.count()).toBe(0);
  });

  test('says nothing of a transaction that was rolled back', async () => {
    const seen: unknown[] = [];
    const { relay, outbox, add } = setUp({ 'thing.happened': async (payload) => void seen.push(payload) });
    const attempt = database.sqlTransaction(async (sql) => {
      await outbox.add(sql, { topic: 'thing.happened', payload: 'never' });
      throw new Error('no');
    });
    await expect(attempt).rejects.toThrow('no');
    await add('after');
    await until(() => seen.length > 0);
    await relay.close();
    expect(seen).toEqual(['after']);
  });

  test('tries a failing event again later, and the others do not wait for it', async () => {
    const seen: unknown[] = [];
    let refusals = 1;
    const { relay, add } = setUp(
      {
        'thing.happened': async (payload) => {
          if (payload === 'stubborn' && refusals-- > 0) throw new Error('not now');
          seen.push(payload);
        },
      },
      { ...OPTIONS, pollMs: 50 },
    );
    await add('stubborn', 'easy');
    await until(() => seen.includes('stubborn'));
    expect(seen).toEqual(['easy', 'stubborn']);
    await relay.close();
    expect(await database.prisma.outboxEvent.count()).toBe(0);
  });

  test('is shared by several relays: each event is published by one of them', async () => {
    const seen: unknown[] = [];
    const handler = { 'thing.happened': async (payload: unknown) => void seen.push(payload) };
    const options = { ...OPTIONS, pollMs: 20 };
    const relays = [setUp(handler, options), setUp(handler, options), setUp(handler, options)];
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    await Promise.all(numbers.map((n) => relays[n % 3]?.add(n)));
    await until(() => seen.length >= numbers.length);
    for (const { relay } of relays) await relay.close();
    expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers);
  });

  test('finds at its start what was left behind', async () => {
    const first = setUp({});
    await first.relay.close();
    await first.add('left behind');
    const seen: unknown[] = [];
    const { relay } = setUp({ 'thing.happened': async (payload) => void seen.push(payload) });
    await until(() => seen.length === 1);
    await relay.close();
  });

  test('waits for a transport that is away, for however long, and then goes on in the same order', async () => {
    const seen: unknown[] = [];
    let refusals = 60;
    const { relay, add } = setUp(
      {
        'thing.happened': async (payload) => {
          if (refusals-- > 0) throw new TransportAwayError('away');
          seen.push(payload);
        },
      },
      { ...OPTIONS, pollMs: 5 },
    );
    const numbers = Array.from({ length: 25 }, (_, n) => n);
    for (const n of numbers) await add(n);
    await until(() => seen.length === numbers.length);
    expect(seen).toEqual(numbers);
    await relay.close();
    expect(await database.prisma.outboxEvent.count()).toBe(0);
  });

  test('never gives up on an event that could not be understood, and does not hold up others', async () => {
    const { relay, add } = setUp({ 'thing.happened': async () => {} }, { ...OPTIONS, pollMs: 20 });
    await database.query(
      "INSERT INTO outbox_events (topic, payload, attempts) VALUES ('of.another.version', '1', 500)",
    );
    await add('easy');
    await until(async () => (await database.prisma.outboxEvent.count({ where: { attempts: 501 } })) === 1);
    await until(async () => (await database.prisma.outboxEvent.count()) === 1);
    await relay.close();
  });

  test('publishes what a dead relay has taken within seconds', async () => {
    const first = setUp({ 'thing.happened': () => new Promise(() => {}) });
    await first.add('taken');
    await until(
      async () =>
        (await database.query('SELECT 1 FROM outbox_events WHERE available_at > now()')).length === 1,
    );
    const seen: unknown[] = [];
    const { relay } = setUp(
      { 'thing.happened': async (payload) => void seen.push(payload) },
      { ...OPTIONS, pollMs: 50 },
    );
    await until(() => seen.length === 1);
    await relay.close();
    await first.relay.close();
  });
});
