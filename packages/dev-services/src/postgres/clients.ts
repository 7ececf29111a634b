import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const POLL_MS = 50;

/**
 * Waits until no client is connected any more, at most this long: programs that end at the same time as their
 * database can so finish what they are at.
 */
export async function waitUntilUnused(adminUrl: string, timeoutMs: number): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline) {
      const others = await client.query(
        "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1",
      );
      if (others.rowCount === 0) return;
      await sleep(POLL_MS);
    }
  } catch {
    // The server is gone already.
  } finally {
    await client.end().catch(() => undefined);
  }
}
