/** The real servers behind an integration or browser test run: started here, ended here. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployMigrations } from '@plinth/database/migrations';
import { createTemplateDatabase, ensureServers, startPostgres, startRedis } from '@plinth/dev-services';
import { startBuiltApp } from '../apps/backend/src/testing/built-app.ts';

export interface TestServices {
  /** What tests find in their environment. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts what this kind of test needs: servers and a migrated template database; for `e2e` also the built product. */
export async function startTestServices(kind: 'int' | 'e2e'): Promise<TestServices> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of closers.toReversed()) await end();
  };
  try {
    await ensureServers(kind === 'e2e' ? ['redis', 'chromium'] : ['redis', 'pgbouncer']);
    const dir = await mkdtemp(join(tmpdir(), 'plinth-test-'));
    closers.push(() => rm(dir, { recursive: true, force: true }));
    const postgres = await startPostgres({ dir: join(dir, 'postgres'), persistent: false });
    closers.push(() => postgres.close());
    const redis = await startRedis();
    closers.push(() => redis.close());
    const template = await createTemplateDatabase(postgres.url, async (url) => {
      await deployMigrations(url);
    });
    const env: Record<string, string> = {
      TEST_DATABASE_URL: postgres.url,
      TEST_DATABASE_ADMIN_URL: postgres.adminUrl,
      TEST_TEMPLATE_DATABASE: template.name,
      TEST_REDIS_URL: redis.url,
    };
    if (kind === 'e2e') {
      const app = await startBuiltApp({ databaseUrl: template.url, redisUrl: redis.url });
      closers.push(() => app.close());
      env.TEST_BASE_URL = app.url;
    }
    return { env, close };
  } catch (error) {
    await close();
    throw error;
  }
}
