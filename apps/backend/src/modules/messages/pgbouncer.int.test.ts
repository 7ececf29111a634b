import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type PgBouncerServer, startPgBouncer } from '@plinth/dev-services';
import {
  createTestApp,
  createTestDatabase,
  type TestApp,
  testServers,
} from '../../testing/create-test-app.ts';
import { signUp } from '../../testing/factories.ts';
import { messagesSuite } from './messages.suite.ts';
import { sequenceSuite } from './sequence.suite.ts';

const SERVER_CONNECTIONS = 5;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let bouncer: PgBouncerServer;
let app: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  bouncer = await startPgBouncer({
    databaseUrl: database.url,
    poolMode: 'transaction',
    poolSize: SERVER_CONNECTIONS,
    reservePoolSize: 0,
  });
  const url = new URL(bouncer.url);
  url.searchParams.set('pgbouncer', 'true');
  url.searchParams.set('connection_limit', '50');
  app = await createTestApp({ databaseUrl: url.href, env: { REDIS_URL: testServers.redis() } });
});
afterAll(async () => {
  await app.close();
  await bouncer.close();
  await database.drop();
});

describe('messages, through PgBouncer in transaction mode', () => {
  messagesSuite(() => app);
  sequenceSuite(() => app);

  test('200 requests at once share five server connections without an error', async () => {
    const { api, orgId } = await signUp(app);
    const { id: channelId } = await api.channels.createChannel({ params: { orgId }, body: { name: 'busy' } });
    const params = { orgId, channelId };
    const work = Array.from({ length: 200 }, (_, n) =>
      n % 2 === 0
        ? api.messages.postMessage({ params, body: { body: `message ${n}`, clientId: crypto.randomUUID() } })
        : api.messages.listMessages({ params, query: { limit: 5 } }),
    );
    const outcomes = await Promise.allSettled(work);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
    const stored = await app.platform.database.prisma.message.count({ where: { channelId } });
    expect(stored).toBe(100);

    const [row] = await app.platform.database.query<{ connections: bigint }>(
      `SELECT count(*) AS connections FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'`,
    );
    expect(Number(row?.connections)).toBeLessThanOrEqual(SERVER_CONNECTIONS);
    expect(app.logLines.join('\n')).not.toMatch(
      /prepared statement|current transaction is aborted|SET LOCAL/i,
    );
  });

  test('the application leaves no session state behind that the next client would find', async () => {
    // All that happened in this file went through these few connections before.
    const connections = Array.from({ length: 4 * SERVER_CONNECTIONS }, () =>
      app.platform.database.query<{ settings: string[] | null; statements: bigint; locks: bigint }>(
        `SELECT (SELECT array_agg(name) FROM pg_settings WHERE source = 'session'
                 AND name NOT IN ('TimeZone', 'client_encoding', 'application_name', 'DateStyle', 'standard_conforming_strings')) AS settings,
                (SELECT count(*) FROM pg_prepared_statements WHERE name <> '') AS statements,
                (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') AS locks, pg_sleep(0.02)::text`,
      ),
    );
    for (const [row] of await Promise.all(connections)) {
      expect(row).toMatchObject({ settings: null, statements: 0n, locks: 0n });
    }
  });
});
