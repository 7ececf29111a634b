/** What the measured servers stand on: real PostgreSQL and Redis, a collector, a folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployMigrations } from '@plinth/database/migrations';
import { ensureServers, randomPassword, startPostgres, startRedis } from '@plinth/dev-services';
import type { PlinthSetup } from './processes.ts';
import { createSwallower } from './receivers.ts';

export type Closer = () => Promise<unknown>;

/**
 * Starts them; each is added to `closers` as soon as it lives.
 *
 * PostgreSQL is as durable as in production (`fsync`, `synchronous_commit`, `full_page_writes` on). All servers use this
 * one database, so its settings cannot favour any of them.
 */
export async function startServices(closers: Closer[]) {
  await ensureServers(['redis']);
  const folder = await mkdtemp(join(tmpdir(), 'plinth-bench-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const postgres = await startPostgres({ dir: join(folder, 'postgres') });
  closers.push(() => postgres.close());
  const redis = await startRedis();
  closers.push(() => redis.close());
  const receiver = await createSwallower();
  closers.push(() => receiver.close());
  await deployMigrations(postgres.url);
  const secret = () => randomPassword() + randomPassword();
  const setup: PlinthSetup = {
    folder,
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    otlpUrl: receiver.url,
    sentryDsn: `http://public@127.0.0.1:${receiver.port}/1`,
    secrets: { access: secret(), refresh: secret(), metrics: secret() },
  };
  return { setup, postgres, exports: receiver.calls };
}
