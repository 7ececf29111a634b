import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { markOf } from '../processes/liveness.ts';
import { freePort } from '../processes/ports.ts';
import { isGone, startOwner, temporaryFolder } from '../testing/helpers.ts';
import { startPostgres } from './start-postgres.ts';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the development database', () => {
  test('keeps its data, password and port over a restart, and leaves no process behind', async () => {
    await using folder = await temporaryFolder();
    const first = await startPostgres({ dir: folder.path });
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.close();
    expect(markOf(first.pid)).toBeUndefined();

    const log: string[] = [];
    const second = await startPostgres({ dir: folder.path, onLine: (line) => log.push(line) });
    try {
      expect(second.url).toBe(first.url);
      expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
      expect(log.join('\n')).not.toContain('not properly shut down');
      const [settings] = await query(
        second.adminUrl,
        "SELECT current_setting('fsync') AS fsync, current_setting('listen_addresses') AS addresses, current_setting('shared_preload_libraries') AS libraries",
      );
      expect(settings).toEqual({ fsync: 'on', addresses: '127.0.0.1', libraries: 'pg_stat_statements' });
    } finally {
      await second.close();
    }
  });

  test('asks for a password, and its application role is no superuser', async () => {
    await using folder = await temporaryFolder();
    const server = await startPostgres({ dir: folder.path, persistent: false });
    try {
      const wrong = new URL(server.url);
      wrong.password = 'wrong';
      await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
      const rows = await query(server.url, "SELECT current_setting('is_superuser') AS superuser");
      expect(rows).toEqual([{ superuser: 'off' }]);
    } finally {
      await server.close();
    }
  });

  test('that is for one test run only is gone with its folder at the end', async () => {
    await using folder = await temporaryFolder();
    const dir = join(folder.path, 'throwaway');
    const server = await startPostgres({ dir, persistent: false, settings: { max_connections: 42 } });
    const rows = await query(server.url, "SELECT current_setting('max_connections') AS connections");
    expect(rows).toEqual([{ connections: '42' }]);
    await server.close();
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('is set up anew when its creation was interrupted', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, 'data.unfinished', 'base'), { recursive: true });
    await mkdir(join(folder.path, 'data', 'base'), { recursive: true });
    await writeFile(join(folder.path, 'data', 'PG_VERSION'), '18\n');
    const server = await startPostgres({ dir: folder.path });
    try {
      expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect(await readdir(folder.path)).not.toContain('data.unfinished');
    } finally {
      await server.close();
    }
  });

  test('is refused, not repaired, when a part of used data is missing', async () => {
    await using folder = await temporaryFolder();
    const server = await startPostgres({ dir: folder.path });
    await server.close();
    await rm(join(folder.path, 'data', 'PG_VERSION'));
    await expect(startPostgres({ dir: folder.path })).rejects.toThrow(/is damaged \(PG_VERSION is missing\)/);
    await writeFile(join(folder.path, 'data', 'PG_VERSION'), '15\n');
    await expect(startPostgres({ dir: folder.path })).rejects.toThrow(/was written by PostgreSQL 15/);
    await writeFile(join(folder.path, 'data', 'PG_VERSION'), '18\n');
    await rm(join(folder.path, 'password'));
    await expect(startPostgres({ dir: folder.path })).rejects.toThrow(
      /password of the development database is missing/,
    );
  });

  test('names the port when that is in use', async () => {
    await using folder = await temporaryFolder();
    const port = await freePort();
    const blocker = createServer().listen(port, '127.0.0.1');
    try {
      await expect(startPostgres({ dir: folder.path, port })).rejects.toThrow(
        new RegExp(`^Port ${port}, where PostgreSQL was to listen, is in use`),
      );
    } finally {
      blocker.close();
    }
  });

  test('is shut down in order when its owner is killed without warning', async () => {
    await using folder = await temporaryFolder();
    const dir = JSON.stringify(folder.path);
    const owner = await startOwner(`console.log((await services.startPostgres({ dir: ${dir} })).pid);`);
    await expect(startPostgres({ dir: folder.path })).rejects.toThrow(`started by process ${owner.pid}`);
    await owner.killHard();
    expect(await isGone(Number(owner.line))).toBe(true);

    const log: string[] = [];
    const next = await startPostgres({ dir: folder.path, onLine: (line) => log.push(line) });
    await next.close();
    expect(log.join('\n')).not.toContain('not properly shut down');
  });

  test('starts although its lock file names a process id that now belongs to another program', async () => {
    await using folder = await temporaryFolder();
    const first = await startPostgres({ dir: folder.path });
    await first.close();
    const lockFile = join(folder.path, 'data', 'postmaster.pid');
    await writeFile(lockFile, `${process.pid}\n${folder.path}/data\n1700000000\n5432\n`);
    const second = await startPostgres({ dir: folder.path });
    expect(await readFile(lockFile, 'utf8')).toMatch(new RegExp(`^${second.pid}\n`));
    await second.close();
  });
});
