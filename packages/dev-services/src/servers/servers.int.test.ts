import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { chromium } from 'playwright-core';
import { startPostgres } from '../postgres/start-postgres.ts';
import { markOf } from '../processes/liveness.ts';
import { freePort } from '../processes/ports.ts';
import { temporaryFolder } from '../testing/helpers.ts';
import { chromiumFlags, findChromium } from './chromium.ts';
import { ensureServers } from './ensure.ts';
import { startNginx } from './nginx.ts';
import { startPgBouncer } from './pgbouncer.ts';
import { startRedis } from './redis.ts';

/** Sends one inline command of the Redis protocol and returns the first reply. */
function askRedis(url: string, ...commands: string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = createConnection(Number(port), hostname, () =>
      socket.write(`${commands.join('\r\n')}\r\nQUIT\r\n`),
    );
    let reply = '';
    socket.on('data', (chunk) => {
      reply += chunk;
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(reply));
  });
}

async function blockedPort() {
  const port = await freePort();
  const blocker = createServer().listen(port, '127.0.0.1');
  return { port, [Symbol.dispose]: () => void blocker.close() };
}

test('every server that the tests need is found on this machine or installed', async () => {
  const ready = await ensureServers(['redis', 'pgbouncer', 'nginx', 'chromium']);
  for (const { kind } of Object.values(ready)) expect(['url', 'binary', 'docker']).toContain(kind);
});

test('the browser that is found is a Chromium', async () => {
  expect(execFileSync(await findChromium(), ['--version'], { encoding: 'utf8' })).toMatch(/Chrom/);
});

describe('Redis', () => {
  test('runs in memory, evicts nothing, and is gone when it is closed', async () => {
    const redis = await startRedis();
    expect(await askRedis(redis.url, 'CONFIG GET maxmemory-policy')).toContain('noeviction');
    await redis.close();
    expect(markOf(redis.pid)).toBeUndefined();
  });

  test('asks for a password when it was given one', async () => {
    const redis = await startRedis({ password: 'sesame', settings: { maxmemory: '10mb' } });
    try {
      expect(new URL(redis.url).password).toBe('sesame');
      expect(await askRedis(redis.url, 'PING')).toContain('NOAUTH');
      expect(await askRedis(redis.url, 'AUTH sesame', 'PING')).toContain('PONG');
    } finally {
      await redis.close();
    }
  });

  test('comes back on the same port after an end', async () => {
    const port = await freePort();
    for (let round = 0; round < 2; round += 1) {
      const redis = await startRedis({ port });
      expect(await askRedis(redis.url, 'PING')).toContain('PONG');
      await redis.close();
    }
  });

  test('names the port when that is in use', async () => {
    using blocked = await blockedPort();
    await expect(startRedis({ port: blocked.port })).rejects.toThrow(
      `Port ${blocked.port}, where Redis was to listen`,
    );
  });
});

describe('PgBouncer', () => {
  test('serves many clients over few server connections in transaction mode', async () => {
    await using folder = await temporaryFolder();
    const postgres = await startPostgres({ dir: join(folder.path, 'postgres'), persistent: false });
    const bouncer = await startPgBouncer({ databaseUrl: postgres.url, poolSize: 2, reservePoolSize: 0 });
    const pool = new pg.Pool({ connectionString: bouncer.url, max: 20 });
    try {
      const replies = await Promise.all(
        Array.from({ length: 40 }, () => pool.query('SELECT pg_backend_pid() AS pid, current_user AS name')),
      );
      expect(new Set(replies.map(({ rows }) => rows[0].name))).toEqual(new Set(['plinth']));
      expect(new Set(replies.map(({ rows }) => rows[0].pid)).size).toBeLessThanOrEqual(2);
      const admin = new pg.Client({ connectionString: bouncer.adminUrl });
      await admin.connect();
      const { rows } = await admin.query('SHOW CONFIG');
      await admin.end();
      const config = Object.fromEntries(rows.map(({ key, value }) => [key, value]));
      expect(config).toMatchObject({
        pool_mode: 'transaction',
        max_client_conn: '1000',
        default_pool_size: '2',
      });
    } finally {
      await pool.end();
      await bouncer.close();
      await postgres.close();
    }
    expect(markOf(bouncer.pid)).toBeUndefined();
  });

  test('names the port when that is in use', async () => {
    using blocked = await blockedPort();
    const databaseUrl = 'postgresql://plinth:secret@127.0.0.1:5432/plinth';
    await expect(startPgBouncer({ databaseUrl, port: blocked.port })).rejects.toThrow(
      `Port ${blocked.port}, where PgBouncer was to listen`,
    );
  });
});

describe('nginx', () => {
  test('serves what its configuration says, and is gone when it is closed', async () => {
    const port = await freePort();
    const nginx = await startNginx({ http: `server { listen 127.0.0.1:${port}; return 200 "hello"; }` });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello');
    await nginx.close();
    expect(markOf(nginx.pid)).toBeUndefined();
  });

  test('that refuses its configuration says why', async () => {
    await expect(startNginx({ http: 'nonsense on;' })).rejects.toThrow(/unknown directive "nonsense"/);
  });
});

test.each([
  'My Projects',
  `a "quoted" 'name' #1`,
  'costs $HOME and ; more \\ 100%',
  'Müller, Söhne',
  'long/'.repeat(40),
])('every server starts with its files in a folder named %j', async (name) => {
  await using folder = await temporaryFolder();
  const place = join(folder.path, name);
  await mkdir(place, { recursive: true });
  // As the system's own place for temporary files: as root, PgBouncer runs as somebody else.
  await chmod(folder.path, 0o755);
  const open: { close(): Promise<unknown> }[] = [];
  try {
    const redis = await startRedis({ dir: join(place, 'redis'), password: 'two "words" #1' });
    open.push(redis);
    const postgres = await startPostgres({ dir: join(place, 'postgres'), persistent: false });
    open.push(postgres);
    open.push(await startPgBouncer({ databaseUrl: postgres.url, parent: place }));
    const port = await freePort();
    const nginx = await startNginx({
      parent: place,
      http: `server { listen 127.0.0.1:${port}; return 200 "hello"; }`,
    });
    open.push(nginx);
    expect(nginx.dir.startsWith(place)).toBe(true);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello');
    const browser = await chromium.launchPersistentContext(join(place, 'profile'), {
      executablePath: await findChromium(),
      args: chromiumFlags(),
    });
    open.push(browser);
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    expect(await page.locator('body').textContent()).toBe('hello');
    expect(existsSync(join(place, 'profile', 'Default'))).toBe(true);
  } finally {
    for (const server of open.toReversed()) await server.close();
  }
});
