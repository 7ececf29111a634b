import type { AddressInfo } from 'node:net';
import { cloneDatabase } from '@plinth/dev-services';
import { createApp } from '../app.ts';
import { compose } from '../compose.ts';
import { loadConfig } from '../config/index.ts';
import { createPlatform, type PlatformOverrides } from '../platform/index.ts';
import { clientOf } from './factories.ts';
import { namespaceOf } from './namespace.ts';

const env = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: integration tests are run by "npm run test:int".`);
  return value;
};

/** Addresses of the real servers that the test run has started. */
export const testServers = {
  postgres: () => env('TEST_DATABASE_URL'),
  template: () => env('TEST_TEMPLATE_DATABASE'),
  /** Each Jest worker has a Redis database of its own. */
  redis: () => `${env('TEST_REDIS_URL')}/${Number(env('JEST_WORKER_ID')) % 16}`,
};

/** Secrets and limits of tests; the limits are high because all tests share one address. */
export const TEST_ENV = {
  NODE_ENV: 'test',
  HOST: '127.0.0.1',
  PORT: '0',
  JWT_SECRET: 'access-0123456789-0123456789-0123456789',
  JWT_REFRESH_SECRET: 'refresh-0123456789-0123456789-0123456789',
  LOG_LEVEL: 'warn',
  RATE_LIMIT_GENERAL: '100000/minute',
  RATE_LIMIT_AUTH: '100000/minute',
  RATE_LIMIT_ACCOUNT: '100000/minute',
  RATE_LIMIT_SESSION: '100000/minute',
  RATE_LIMIT_INVITATIONS: '100000/minute',
  RATE_LIMIT_ORGANIZATIONS: '100000/minute',
  RATE_LIMIT_PROBES: '100000/minute',
  SOCKET_HANDSHAKES: '100000/minute',
  OUTBOX_POLL_MS: '200',
  // What a hash costs is tested where hashes are made; elsewhere it would only take time.
  PASSWORD_HASH_KIB: '1024',
  // A busy machine is no outage: without this, limits would be counted locally in the middle of a test.
  REDIS_COMMAND_TIMEOUT_MS: '5000',
};

/** Of the pool, in seconds: on a busy machine PostgreSQL may need longer for a connection than production waits. */
const PATIENCE = { connect_timeout: '15', pool_timeout: '15' };

/** A migrated database of its own, and how to drop it. */
export async function createTestDatabase() {
  const database = await cloneDatabase(testServers.postgres(), testServers.template());
  return { ...database, url: `${database.url}?${new URLSearchParams(PATIENCE)}` };
}

export interface TestAppOptions extends PlatformOverrides {
  /** Variables that differ from {@link TEST_ENV}. */
  readonly env?: Readonly<Record<string, string>>;
  /** Use this database instead of a new one; it is not dropped at the end. */
  readonly databaseUrl?: string;
}

/** The whole API in this process, on a free port and a database of its own. */
export async function createTestApp(options: TestAppOptions = {}) {
  const own = options.databaseUrl ? undefined : await createTestDatabase();
  const databaseUrl = options.databaseUrl ?? own?.url ?? '';
  const config = loadConfig({
    ...TEST_ENV,
    DATABASE_URL: databaseUrl,
    REDIS_NAMESPACE: namespaceOf(databaseUrl),
    // Production refuses the cheap hashes of tests.
    ...(options.env?.NODE_ENV === 'production' && { PASSWORD_HASH_KIB: '' }),
    ...options.env,
  });
  const lines: string[] = [];
  const platform = createPlatform(config, 'api', {
    logStream: { write: (line) => void lines.push(line) },
    ...options,
  });
  const composition = compose(platform);
  const { express, httpServer, connections, sockets } = createApp(platform, composition);
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`;

  return {
    url,
    databaseUrl,
    config,
    platform,
    composition,
    express,
    httpServer,
    sockets,
    /** What the application logged, as JSON lines. */
    logLines: lines,
    ...clientOf(url),
    async close() {
      const closed = connections.close(0);
      await sockets.close();
      await closed;
      await platform.lifecycle.close();
      await own?.drop();
    },
  };
}

export type TestApp = Awaited<ReturnType<typeof createTestApp>>;
