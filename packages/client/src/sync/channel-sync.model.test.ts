import { describe, expect, test } from '@jest/globals';
import { ApiError } from '../api-error.ts';
import { type ChannelSync, createChannelSync, SYNC_LIMITS } from './channel-sync.ts';
import { createOutgoing, type OutgoingMessages } from './outgoing.ts';
import { createShelf } from './storage.ts';
import { createFakeServer, Gone, type TestMessage } from './testing/fake-server.ts';
import { createKeyStore } from './testing/key-store.ts';
import { createClock, createNetwork, createRandom, settle } from './testing/simulation.ts';
import type { Entry } from './types.ts';

/** Small pages, so that a run goes over many of them. */
const PAGE = 4;
const CHANGES = 3;
/** Small as well, so that the window is often opened anew. */
const LIMITS = { ...SYNC_LIMITS, maxBehind: 5, maxAside: 3, maxHeld: 10 };
const SEEDS = 50;
const STEPS = 150;

const failureOf = (status: number, code: string) =>
  new ApiError({ type: 'about:blank', title: 'Failed', status, detail: 'It failed.', code });

/** A client, a server and everything between them, moved on by one seed. */
const simulate = (seed: number) => {
  const random = createRandom(seed);
  const clock = createClock();
  const server = createFakeServer();
  const network = createNetwork(() => failureOf(random.chance(0.3) ? 503 : 0, 'unreachable'));
  const place = { orgId: 'org', channelId: 'channel' };
  let events: Entry<TestMessage>[] = [];
  let connected = false;
  let joined = false;
  let written = 0;

  const publish = (entry: Entry<TestMessage> | undefined) => {
    if (entry && connected && joined) events.push(entry);
  };
  const sync: ChannelSync<TestMessage> = createChannelSync<TestMessage>(
    {
      list: (cursor) => network.call(() => server.list(cursor, PAGE)),
      changes: (after) => network.call(() => server.changes(after, CHANGES)),
      join: () =>
        network.call(() => {
          if (!connected) throw failureOf(0, 'unreachable');
          joined = true;
          return { seq: server.seq() };
        }),
      edit: (id, body) =>
        network.call(() => {
          const edited = server.edit(id, body);
          if (!edited) throw failureOf(404, 'not_found');
          publish(edited.entry);
          return edited.message;
        }),
      remove: (id) =>
        network.call(() => {
          const entry = server.remove(id);
          if (!entry) throw failureOf(404, 'not_found');
          publish(entry);
        }),
      later: clock.later,
      random: random.random,
    },
    LIMITS,
  );
  const outgoing: OutgoingMessages<TestMessage> = createOutgoing<TestMessage>({
    shelf: createShelf(createKeyStore(), 'ada:'),
    post: (_, { clientId, body }) =>
      network.call(() => {
        try {
          const { message, entry } = server.post(clientId, body);
          publish(entry);
          return message;
        } catch (error) {
          throw error instanceof Gone ? failureOf(410, 'gone') : error;
        }
      }),
    exclusively: (task) => task(),
    newId: () => `own-${written}`,
    now: clock.now,
    later: clock.later,
    random: random.random,
  });
  outgoing.onStored((_, message) => sync.posted(message));

  const hear = (entry: Entry<TestMessage>) => {
    if (entry.type === 'message') outgoing.confirmed(entry.message.clientId);
    sync.entry(entry);
  };
  const connect = () => {
    connected = true;
    sync.connected();
  };
  const disconnect = () => {
    connected = false;
    joined = false;
    events = [];
    sync.disconnected();
  };
  const others = () => {
    const message = random.pick(server.alive());
    if (!message || random.chance(0.6)) {
      written += 1;
      publish(server.post(`other-${written}`, `text ${written}`).entry);
    } else if (random.chance(0.5)) publish(server.edit(message.id, `edited ${clock.now()}`)?.entry);
    else publish(server.remove(message.id));
  };
  const me = () => {
    const message = random.pick(sync.state().messages);
    if (!message || random.chance(0.4)) {
      written += 1;
      outgoing.send(place, `own text ${written}`);
    } else if (random.chance(0.5)) {
      sync.edit(message.id, `own edit ${written}`).catch(() => {});
    } else sync.remove(message.id).catch(() => {});
  };
  const event = () => {
    const index = random.chance(0.7) ? 0 : random.below(events.length);
    const entry = events[index];
    if (!entry) return;
    if (!random.chance(0.1)) events.splice(index, 1);
    if (!random.chance(0.15)) hear(entry);
  };
  const call = () => {
    const one = random.pick(network.underWay());
    if (random.chance(0.25)) one?.fail();
    else one?.goOn();
  };
  const pickStep = (): (() => unknown) => {
    const number = random.below(100);
    if (number < 28) return call;
    if (number < 50) return event;
    if (number < 72) return others;
    if (number < 84) return me;
    if (number < 90) return () => void sync.loadOlder();
    if (number < 94) return () => clock.pass(random.below(40_000));
    if (number < 96) return () => (random.chance(0.5) ? sync.check() : sync.trim());
    return connected ? disconnect : connect;
  };

  return {
    server,
    sync,
    outgoing,
    start: () => {
      sync.start();
      outgoing.start();
    },
    step: async () => {
      await pickStep()();
      await settle();
    },
    /** The network works again and everything has time to come to rest. */
    heal: async () => {
      if (!connected) connect();
      for (let round = 0; round < 8; round += 1) {
        await network.drain();
        for (const entry of events.splice(0)) hear(entry);
        await clock.pass(31_000);
      }
      await network.drain();
    },
    end: () => {
      sync.stop();
      outgoing.stop();
    },
  };
};

const run = async (seed: number) => {
  const world = simulate(seed);
  world.start();
  await settle();
  for (let step = 0; step < STEPS; step += 1) await world.step();
  await world.heal();
  world.end();
  return world;
};

describe('whatever gets lost, late, doubled or out of order', () => {
  // A seed that fails alone: test.each([seed]).
  test.each([0, 1, 2, 3, 4, 5])('at the end everything is as on the server (part %i)', async (part) => {
    for (let seed = part * SEEDS; seed < (part + 1) * SEEDS; seed += 1) {
      const { server, sync, outgoing } = await run(seed);
      const { messages, phase, error, older } = sync.state();
      const stored = server.alive();
      // Without older pages to load everything is shown, else everything from the oldest one shown.
      const expected = older === 'none' ? stored : stored.slice(-Math.max(1, messages.length));
      expect({ seed, phase, error, messages }).toEqual({
        seed,
        phase: 'ready',
        error: undefined,
        messages: expected,
      });

      // What was written is stored once each, in the order of writing.
      const own = stored.map(({ clientId }) => clientId).filter((clientId) => clientId.startsWith('own-'));
      const order = own.map((clientId) => Number(clientId.slice(4)));
      expect({ seed, order, waiting: outgoing.state().items }).toEqual({
        seed,
        order: [...new Set(order)].toSorted((a, b) => a - b),
        waiting: [],
      });
    }
  });
});
