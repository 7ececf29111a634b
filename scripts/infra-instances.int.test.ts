/** infra/nginx in front of two built APIs: what one instance alone cannot show. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensureServers } from '@plinth/dev-services';
import { io, type Socket } from 'socket.io-client';
import { clientOf, signUp } from '../apps/backend/src/testing/factories.ts';
import { startTwoInstances } from '../apps/backend/src/testing/two-instances.ts';
import { until } from '../apps/backend/src/testing/until.ts';
import { type Front, startFront } from './testing/front.ts';

const INSTALL_MS = 300_000;

let cluster: Awaited<ReturnType<typeof startTwoInstances>>;
let front: Front;
beforeAll(async () => {
  await ensureServers(['nginx']);
  cluster = await startTwoInstances();
  front = await startFront([cluster.first, cluster.second].map(({ url }) => Number(new URL(url).port)));
}, INSTALL_MS);
afterAll(async () => {
  await front?.close();
  await cluster?.close();
});

/** A connection of its own for a request with what a hostile client would send; what comes back does not matter. */
async function strike(): Promise<void> {
  const socket = connect(front.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    'POST /healthz HTTP/1.1\r\nHost: plinth\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 9\r\n\r\nab',
  );
  await once(socket, 'connect');
  await wait(20);
  socket.destroy();
}

/** The status of an ordinary request. */
async function statusOf(path: string): Promise<number> {
  const req = request({ host: '127.0.0.1', port: front.port, path, agent: false });
  req.end();
  const [res] = await once(req, 'response');
  res.resume();
  return res.statusCode;
}

test('POSTs with Upgrade that hang up leave ordinary requests as they were: none is answered with 503', async () => {
  const striking = (async () => {
    for (let strikes = 0; strikes < 30; strikes += 1) {
      await strike();
      await wait(130);
    }
  })();
  let done = false;
  void striking.then(() => {
    done = true;
  });
  const statuses = new Map<number, number>();
  const ordinary = async () => {
    while (!done) {
      const status = await statusOf('/api/v1/about');
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 4 }, ordinary));
  expect([...statuses.keys()]).toEqual([200]);
  expect(statuses.get(200)).toBeGreaterThan(100);
});

/** Long polling alone, as behind a proxy that knows no WebSocket; each client names itself as the web app does. */
function openPolling(token: string, client: string): Socket {
  return io(front.url, {
    transports: ['polling'],
    query: { client },
    auth: { token },
    forceNew: true,
    reconnectionDelay: 50,
    reconnectionDelayMax: 200,
  });
}

const connected = (socket: Socket) =>
  new Promise<void>((resolve, reject) => {
    if (socket.connected) return resolve();
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });

/** Hears the channel, posts to it, and hears itself. */
async function talk(
  socket: Socket,
  channel: { orgId: string; channelId: string },
  body: string,
): Promise<void> {
  const patient = socket.timeout(10_000);
  expect(await patient.emitWithAck('channel:join', channel)).toMatchObject({ ok: true });
  const heard = new Promise((resolve) => {
    socket.on('channel:entry', (entry) => entry.message?.body === body && resolve(entry));
  });
  expect(
    await patient.emitWithAck('message:send', { ...channel, body, clientId: crypto.randomUUID() }),
  ).toMatchObject({
    ok: true,
  });
  await heard;
}

test('clients that can only poll connect and talk, 10 of 10 over both instances, and move when one is killed', async () => {
  const person = await signUp(clientOf(front.url));
  const { id: channelId, orgId } = await person.api.channels.createChannel({
    params: { orgId: person.orgId },
    body: { name: 'general' },
  });
  const clients = Array.from({ length: 10 }, (_, index) => openPolling(person.accessToken, `c${index}`));
  try {
    await Promise.all(clients.map(connected));
    await Promise.all(clients.map((client, index) => talk(client, { orgId, channelId }, `before ${index}`)));
    const upstreams = async () =>
      new Set(
        (await front.accessLog())
          .filter(({ path, upstream }) => path === '/socket.io/' && !upstream.includes(','))
          .map(({ upstream }) => upstream),
      );
    expect((await upstreams()).size).toBe(2);

    const lost = new Set<Socket>();
    for (const client of clients) client.once('disconnect', () => lost.add(client));
    cluster.second.signal('SIGKILL');
    // The survivor keeps its own; the others come back to it.
    await until(() => lost.size > 0 && clients.every(({ connected }) => connected));
    expect(lost.size).toBeLessThan(clients.length);
    await Promise.all(clients.map((client, index) => talk(client, { orgId, channelId }, `after ${index}`)));
    expect(await statusOf('/api/v1/about')).toBe(200);
  } finally {
    for (const client of clients) client.disconnect();
  }
});
