import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { type BuiltApp, startBuiltApp } from './testing/built-app.ts';
import { createTestDatabase, testServers } from './testing/create-test-app.ts';
import { clientOf, signUp } from './testing/factories.ts';
import { ask, connectTo } from './testing/raw-http.ts';
import { connectSocket } from './testing/sockets.ts';
import { until } from './testing/until.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let app: BuiltApp | undefined;

afterEach(async () => {
  await app?.close();
  await database.drop();
});

const start = async (env: Record<string, string> = {}, worker = true) => {
  database = await createTestDatabase();
  app = await startBuiltApp({ databaseUrl: database.url, redisUrl: testServers.redis(), env, worker });
  return app;
};

const connectionsLeft = async (): Promise<number> => {
  const client = new pg.Client({ connectionString: testServers.postgres() });
  await client.connect();
  try {
    const { rows } = await client.query(
      'SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = $1',
      [database.name],
    );
    return rows[0].n;
  } finally {
    await client.end();
  }
};

describe('SIGTERM', () => {
  test('while requests run: every one is answered, nothing acknowledged is lost, exit 0, no connection is left', async () => {
    const running = await start({ SHUTDOWN_DRAIN_SECONDS: '1' });
    const { api } = await signUp(clientOf(running.url));
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      // A lock keeps the requests under way until the server has stopped listening.
      await client.query('BEGIN; LOCK TABLE organizations IN ACCESS EXCLUSIVE MODE');
      const acknowledged: string[] = [];
      const posts = Array.from({ length: 15 }, async (_, n) => {
        const { id } = await api.organizations.createOrganization({ body: { name: `Number ${n}` } });
        acknowledged.push(id);
      });
      const waiting = `SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = 'organizations'::regclass`;
      await until(async () => (await client.query(waiting)).rows[0].n >= posts.length);
      running.signal('SIGTERM');
      await until(() =>
        fetch(`${running.url}/healthz`).then(
          () => false,
          () => true,
        ),
      );
      expect(acknowledged).toEqual([]);
      await client.query('COMMIT');

      await Promise.all(posts);
      expect(await running.exits()).toEqual([
        { code: 0, signal: null },
        { code: 0, signal: null },
      ]);
      const { rows } = await client.query<{ id: string }>(
        `SELECT id FROM organizations WHERE name LIKE 'Number %'`,
      );
      expect(rows.map(({ id }) => id).sort()).toEqual(acknowledged.sort());
      expect(running.log()).not.toContain('took too long');
    } finally {
      await client.end();
    }
    expect(await connectionsLeft()).toBe(0);
  });

  test('says not ready while it still serves, then lets sockets reconnect elsewhere', async () => {
    const running = await start({ SHUTDOWN_DRAIN_SECONDS: '2' });
    const person = await signUp(clientOf(running.url));
    const socket = await connectSocket(running.url, person.accessToken, running.url);
    const reason = new Promise((resolve) => socket.once('disconnect', resolve));
    running.signal('SIGTERM');

    await until(async () => !(await fetch(`${running.url}/readyz`)).ok);
    const ready = await fetch(`${running.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(ready.headers.get('connection')).toBe('close');
    expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
    expect((await person.api.users.getMe()).id).toBe(person.user.id);

    // "io server disconnect" would keep the client from reconnecting.
    expect(await reason).toMatch(/transport (close|error)/);
    socket.close();
    expect(await running.exits()).toContainEqual({ code: 0, signal: null });
  });

  const HANDSHAKE =
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
  test.each<[string, string, string | undefined]>([
    [
      'an upgrade that nobody serves',
      'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
      'alive',
    ],
    ['a WebSocket that says nothing more', HANDSHAKE, '101'],
    ['half a handshake', HANDSHAKE.slice(0, 90), undefined],
    ['half a request line', 'GET /hea', undefined],
    [
      'a body that never comes',
      'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{',
      undefined,
    ],
    ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n', '405'],
  ])('is not held up by %s', async (_what, bytes, answer) => {
    const running = await start({ SHUTDOWN_TIMEOUT_SECONDS: '20' }, false);
    const socket = await connectTo(running.url);
    socket.on('error', () => {});
    const first = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
    await ask(socket, first, 'alive');
    if (answer) await ask(socket, bytes, answer);
    else socket.write(bytes);
    // Nothing is read from now on, and nothing is ended on this side.
    socket.pause();
    running.signal('SIGTERM');
    expect(await running.exits()).toEqual([{ code: 0, signal: null }]);
    expect(running.log()).not.toContain('took too long');
    socket.destroy();
  });

  test('is not held up by a connection on which nothing is asked', async () => {
    const running = await start({ SHUTDOWN_TIMEOUT_SECONDS: '20' });
    const { port } = new URL(running.url);
    const idle = connect(Number(port), '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    const ended = new Promise((resolve) => idle.once('close', resolve));
    running.signal('SIGTERM');
    await ended;
    expect(await running.exits()).toContainEqual({ code: 0, signal: null });
    expect(running.log()).not.toContain('took too long');
  });
});
