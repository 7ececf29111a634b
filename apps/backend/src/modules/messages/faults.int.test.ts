import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort, type RedisServer, startRedis } from '@plinth/dev-services';
import { createTestApp, createTestDatabase, type TestApp } from '../../testing/create-test-app.ts';
import { startCuttableProxy } from '../../testing/cuttable-proxy.ts';
import { addColleague, clientOf, type Person, signUp } from '../../testing/factories.ts';
import { until } from '../../testing/until.ts';
import { type ChannelReader, readChannel } from './channel-reader.suite.ts';

/** How long a fault lasts, in milliseconds. */
const CUT_MS = 6000;
const OUTAGE_MS = 4000;

const closers: (() => unknown)[] = [];
const later = <T extends { close(): unknown }>(part: T): T => {
  closers.push(() => part.close());
  return part;
};

let redis: RedisServer;
let port: number;
let link: Awaited<ReturnType<typeof startCuttableProxy>>;
let near: TestApp;
/** Its connections to Redis can be cut. */
let far: TestApp;
let owner: Person;
let colleague: Person;
let place: { orgId: string; channelId: string };

beforeEach(async () => {
  port = await freePort();
  redis = await startRedis({ port });
  closers.push(() => redis.close());
  link = later(await startCuttableProxy(redis.url));
  const database = await createTestDatabase();
  closers.push(() => database.drop());
  const instance = (url: string, relay: string) =>
    createTestApp({
      databaseUrl: database.url,
      env: { REDIS_URL: url, OUTBOX_RELAY: relay, MEMBERSHIP_REFRESH_MS: '1000' },
    });
  near = later(await instance(redis.url, 'api'));
  far = later(await instance(link.url, 'worker'));
  await Promise.all([near.sockets.joined, far.sockets.joined]);
  owner = await signUp(near, 'Ada');
  colleague = await addColleague(near, owner);
  const { id } = await owner.api.channels.createChannel({
    params: { orgId: owner.orgId },
    body: { name: 'faults' },
  });
  place = { orgId: owner.orgId, channelId: id };
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const listen = async (app: TestApp, person: Person): Promise<ChannelReader> => {
  const reader = later(readChannel(app.url, person, place));
  await until(() => reader.ready());
  return reader;
};

/** Writes on both instances until told to stop; remembers what was acknowledged. */
function writeOn() {
  const ledger: string[] = [];
  let stopped = false;
  let refused = 0;
  const writer = async (app: TestApp, name: string) => {
    const api = clientOf(app.url).client(owner.accessToken);
    for (let n = 0; !stopped; n += 1) {
      const body = `${name} ${n}`;
      await api.messages.postMessage({ params: place, body: { body, clientId: crypto.randomUUID() } }).then(
        () => ledger.push(body),
        () => {
          refused += 1;
        },
      );
      await wait(20);
    }
  };
  const running = Promise.all([writer(near, 'near'), writer(far, 'far')]);
  return {
    ledger,
    refused: () => refused,
    async stop() {
      stopped = true;
      await running;
    },
  };
}

async function storedBodies(): Promise<string[]> {
  const rows = await near.platform.database.query<{ body: string }>(
    'SELECT body FROM messages WHERE channel_id = $1::uuid AND deleted_at IS NULL ORDER BY seq',
    [place.channelId],
  );
  return rows.map(({ body }) => body);
}

/** Everything acknowledged is stored once, and every reader shows exactly what is stored. */
async function settle(ledger: readonly string[], readers: readonly ChannelReader[]) {
  const stored = await storedBodies();
  expect(stored.toSorted()).toEqual([...ledger].sort());
  for (const reader of readers) {
    await until(() => reader.shown().length === stored.length);
    expect(reader.shown()).toEqual(stored);
  }
}

describe('every acknowledged message reaches every reader', () => {
  test.each(['cut', 'fallSilent'] as const)(
    'when the connections of an instance to Redis are broken for a while (%s)',
    async (fault) => {
      const readers = [await listen(near, colleague), await listen(far, colleague), await listen(far, owner)];
      const writing = writeOn();
      await until(() => writing.ledger.length > 10);
      link[fault]();
      await wait(CUT_MS);
      link.heal();
      const healed = writing.ledger.length;
      await until(() => writing.ledger.length > healed + 10);
      await writing.stop();
      expect(writing.refused()).toBe(0);
      await settle(writing.ledger, readers);
      expect(await far.platform.metrics.registry.metrics()).toMatch(/websocket_resync_total [1-9]/);
    },
  );

  test('when Redis is killed and comes back empty', async () => {
    const readers = [await listen(near, colleague), await listen(far, colleague)];
    const writing = writeOn();
    await until(() => writing.ledger.length > 10);
    process.kill(redis.pid, 'SIGKILL');
    await redis.close();
    await wait(OUTAGE_MS);
    redis = await startRedis({ port });
    const back = writing.ledger.length;
    await until(() => writing.ledger.length > back + 10);
    await near.platform.redis?.commands.flushall().catch(() => {});
    await writing.stop();
    expect(writing.refused()).toBe(0);
    await settle(writing.ledger, readers);
  });

  test('once, when the same post arrives three times at two instances, whatever their clocks', async () => {
    const readers = [await listen(near, colleague), await listen(far, colleague)];
    const realNow = Date.now;
    const bodies = Array.from({ length: 10 }, (_, n) => `message ${n}`);
    try {
      for (const [n, body] of bodies.entries()) {
        Date.now = () => realNow() + (n % 2 ? 300_000 : -300_000);
        const clientId = crypto.randomUUID();
        const answers = await Promise.all(
          [near, far, far].map((app) =>
            clientOf(app.url)
              .client(owner.accessToken)
              .messages.postMessage({ params: place, body: { body, clientId } }),
          ),
        );
        expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
      }
    } finally {
      Date.now = realNow;
    }
    await settle(bodies, readers);
    expect(await storedBodies()).toEqual(bodies);
  });
});

describe('somebody removed hears nothing said after it', () => {
  const post = (body: string) =>
    owner.api.messages.postMessage({ params: place, body: { body, clientId: crypto.randomUUID() } });
  const remove = (person: Person) =>
    owner.api.organizations.removeMember({ params: { orgId: owner.orgId, userId: person.user.id } });
  const heardBy = (reader: ChannelReader) =>
    reader.heard.map((entry) => (entry.type === 'message' ? entry.message.body : 'deleted'));
  const roomsOf = (app: TestApp) => [...app.sockets.io.of('/').adapter.rooms.keys()];

  test('when the instance is cut off from Redis: it asks PostgreSQL', async () => {
    const leaver = await addColleague(near, owner, 'MEMBER', 'Linus');
    const reader = await listen(far, leaver);
    link.cut();
    await remove(leaver);
    await until(() => !roomsOf(far).some((name) => name.startsWith(`org:${owner.orgId}`)));
    link.heal();
    const member = await listen(near, colleague);
    for (let n = 0; n < 5; n += 1) await post(`after ${n}`);
    await until(() => member.shown().length === 5);
    await until(() => far.platform.redis?.subscriber.status === 'ready');
    await post('last');
    await until(() => member.shown().length === 6);
    expect(heardBy(reader)).toEqual([]);
  });

  test('when Redis is away: nothing waits there for it to come back', async () => {
    const leaver = await addColleague(near, owner, 'MEMBER', 'Linus');
    const [reader, member] = [await listen(far, leaver), await listen(far, colleague)];
    process.kill(redis.pid, 'SIGKILL');
    await redis.close();
    await remove(leaver);
    for (let n = 0; n < 5; n += 1) await post(`after ${n}`);
    await wait(1000);
    redis = await startRedis({ port });
    await post('last');
    await until(() => member.shown().length === 6);
    await until(async () => (await near.platform.database.prisma.outboxEvent.count()) === 0);
    expect(heardBy(reader)).toEqual([]);
  });
});
