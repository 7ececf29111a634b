import { beforeEach, describe, expect, test } from '@jest/globals';
import { ApiError } from '../api-error.ts';
import { type ChannelSync, createChannelSync, SYNC_LIMITS } from './channel-sync.ts';
import { createFakeServer, type FakeServer, type TestMessage } from './testing/fake-server.ts';
import { createClock, settle } from './testing/simulation.ts';
import type { Entry } from './types.ts';

const unreachable = new ApiError({
  type: 'about:blank',
  title: 'No connection',
  status: 0,
  detail: 'no connection',
  code: 'unreachable',
});

/** A client on a server that answers at once, unless told to fail or to hold its answers back. */
const createWorld = (limits = SYNC_LIMITS) => {
  const clock = createClock();
  const server = createFakeServer();
  const world = {
    clock,
    server,
    failing: new Set<string>(),
    calls: [] as string[],
    /** While it is set, answers of this call wait; they were made when the call arrived. */
    holding: undefined as string | undefined,
    release: () => {},
  };
  const answer = async <T>(name: string, make: () => T): Promise<T> => {
    world.calls.push(name);
    await Promise.resolve();
    if (world.failing.has(name)) throw unreachable;
    const made = make();
    if (world.holding === name) {
      await new Promise<void>((resolve) => {
        world.release = resolve;
      });
    }
    return made;
  };
  const sync = createChannelSync<TestMessage>(
    {
      list: (cursor) => answer('list', () => server.list(cursor, 50)),
      changes: (after) => answer('changes', () => server.changes(after, 100)),
      join: () => answer('join', () => ({ seq: server.seq() })),
      edit: (id, body) =>
        answer('edit', () => {
          const edited = server.edit(id, body);
          if (!edited) throw new Error('no such message');
          return edited.message;
        }),
      remove: (id) => answer('remove', () => void server.remove(id)),
      later: clock.later,
      random: () => 0.5,
    },
    limits,
  );
  return { world, sync };
};

let world: ReturnType<typeof createWorld>['world'];
let server: FakeServer;
let sync: ChannelSync<TestMessage>;
let posts = 0;

const write = (body: string): Entry<TestMessage> => {
  posts += 1;
  const { entry } = server.post(`client-${posts}`, body);
  if (!entry) throw new Error('the id was used before');
  return entry;
};
const writeMany = (count: number) => Array.from({ length: count }, (_, number) => write(`text ${number}`));
const shown = () => sync.state().messages;
const bodies = () => shown().map(({ body }) => body);
const setUp = (limits = SYNC_LIMITS) => {
  ({ world, sync } = createWorld(limits));
  server = world.server;
};
const open = async () => {
  sync.start();
  sync.connected();
  await settle();
};

beforeEach(() => setUp());

describe('after a disconnection', () => {
  test('nothing is missing when an own message was stored before it was over', async () => {
    writeMany(20);
    await open();
    sync.disconnected();
    writeMany(120);
    sync.posted(server.post('mine', 'written while away').message);
    expect(bodies().at(-1)).toBe('written while away');
    sync.connected();
    await settle();
    expect(shown()).toEqual(server.alive());
    expect(shown()).toHaveLength(141);
  });

  test('nothing is missing when the first reading fails and a live message follows', async () => {
    writeMany(3);
    await open();
    sync.disconnected();
    writeMany(120);
    world.failing.add('changes');
    sync.connected();
    await settle();
    sync.entry(write('live'));
    await settle();
    expect(sync.state().error).toBe(unreachable);
    world.failing.clear();
    await world.clock.pass(2_000);
    expect(shown()).toEqual(server.alive());
    expect(sync.state().error).toBeUndefined();
  });

  test('edits and deletions far from the end are seen', async () => {
    writeMany(180);
    await open();
    for (let page = 0; page < 4; page += 1) await sync.loadOlder();
    const [first, second] = server.alive();
    sync.disconnected();
    server.edit(first?.id ?? '', 'edited while away');
    server.remove(second?.id ?? '');
    writeMany(60);
    sync.connected();
    await settle();
    expect(bodies()[0]).toBe('edited while away');
    expect(shown()).toEqual(server.alive());
  });

  test('very far behind the newest page is read instead, and older ones on demand', async () => {
    setUp({ ...SYNC_LIMITS, maxBehind: 100 });
    writeMany(5);
    await open();
    sync.disconnected();
    writeMany(200);
    sync.connected();
    await settle();
    expect(world.calls).not.toContain('changes');
    expect(shown()).toHaveLength(50);
    for (let page = 0; page < 4; page += 1) await sync.loadOlder();
    expect(shown()).toEqual(server.alive());
  });
});

describe('live changes', () => {
  beforeEach(open);

  test('are applied as they come, without reading', async () => {
    const asked = world.calls.length;
    for (const entry of writeMany(3)) sync.entry(entry);
    await settle();
    expect(shown()).toEqual(server.alive());
    expect(world.calls).toHaveLength(asked);
  });

  test('that come out of order or twice are shown once, in order', async () => {
    const [first, second, third] = writeMany(3) as [
      Entry<TestMessage>,
      Entry<TestMessage>,
      Entry<TestMessage>,
    ];
    for (const entry of [third, first, third, second, first]) sync.entry(entry);
    await settle();
    expect(shown()).toEqual(server.alive());
  });

  test('that were lost are found by the regular check', async () => {
    write('lost');
    await world.clock.pass(SYNC_LIMITS.checkMs);
    expect(bodies()).toEqual(['lost']);
  });

  test('are found without a connection too, more slowly', async () => {
    sync.disconnected();
    write('unheard');
    await world.clock.pass(SYNC_LIMITS.checkMs);
    expect(bodies()).toEqual(['unheard']);
  });

  test('come again when the server refused to send them for a while', async () => {
    sync.disconnected();
    world.failing.add('join');
    sync.connected();
    await settle();
    expect(sync.state().deaf).toBe(true);
    write('unheard');
    world.failing.clear();
    await world.clock.pass(2_000);
    expect(sync.state().deaf).toBe(false);
    expect(bodies()).toEqual(['unheard']);
  });
});

describe('older pages', () => {
  test('do not bring back what was deleted while they were read', async () => {
    writeMany(60);
    await open();
    const oldest = server.alive()[0]?.id ?? '';
    world.holding = 'list';
    const loading = sync.loadOlder();
    await settle();
    const deleted = server.remove(oldest);
    if (deleted) sync.entry(deleted);
    world.release();
    await loading;
    expect(shown()).toEqual(server.alive());
    expect(shown().map(({ id }) => id)).not.toContain(oldest);
  });

  test('that cannot be read can be asked for again', async () => {
    writeMany(60);
    await open();
    world.failing.add('list');
    await sync.loadOlder();
    expect(sync.state().older).toBe('failed');
    world.failing.clear();
    await sync.loadOlder();
    expect(sync.state().older).toBe('none');
    expect(shown()).toEqual(server.alive());
  });

  test('are let go when very many are held', async () => {
    setUp({ ...SYNC_LIMITS, maxHeld: 60 });
    writeMany(70);
    await open();
    await sync.loadOlder();
    sync.trim();
    await settle();
    expect(shown()).toHaveLength(50);
    expect(sync.state().older).toBe('idle');
  });
});

describe('what somebody does here', () => {
  test('is shown with the answer, before its entry comes', async () => {
    write('a');
    await open();
    await sync.edit('m1', 'better');
    expect(bodies()).toEqual(['better']);
    await sync.remove('m1');
    expect(bodies()).toEqual([]);
  });

  test('does not undo a later change whose entry came before the answer', async () => {
    write('a');
    await open();
    world.holding = 'edit';
    const editing = sync.edit('m1', 'mine');
    await settle();
    sync.entry({ type: 'message', seq: 2, message: { ...server.alive()[0], body: 'mine' } as TestMessage });
    const later = server.edit('m1', 'later');
    if (later) sync.entry(later.entry);
    world.release();
    await editing;
    expect(bodies()).toEqual(['later']);
  });

  test('and was refused changes nothing', async () => {
    write('a');
    await open();
    world.failing.add('edit').add('remove');
    await expect(sync.edit('m1', 'better')).rejects.toBe(unreachable);
    await expect(sync.remove('m1')).rejects.toBe(unreachable);
    expect(bodies()).toEqual(['a']);
  });

  test('may be answered before the channel was read', async () => {
    world.holding = 'list';
    await open();
    sync.posted(server.post('mine', 'quick').message);
    world.release();
    await settle();
    expect(bodies()).toEqual(['quick']);
  });
});

describe('the first reading', () => {
  test('that fails says why, is tried again by itself and on demand', async () => {
    write('a');
    world.failing.add('list').add('join');
    await open();
    expect(sync.state()).toMatchObject({ phase: 'failed', error: unreachable, messages: [] });
    world.failing.clear();
    sync.check();
    await settle();
    expect(sync.state()).toMatchObject({ phase: 'ready', error: undefined });
    expect(bodies()).toEqual(['a']);
  });

  test('that fails is tried again less and less often', async () => {
    world.failing.add('list').add('join');
    sync.start();
    await world.clock.pass(60_000);
    const early = world.calls.length;
    await world.clock.pass(60_000);
    expect(world.calls.length - early).toBeLessThan(early);
  });

  test('does not go on after the page was left', async () => {
    world.failing.add('list');
    sync.start();
    await settle();
    sync.stop();
    const asked = world.calls.length;
    await world.clock.pass(120_000);
    expect(world.calls).toHaveLength(asked);
  });
});
