import assert from 'node:assert/strict';
import pg from 'pg';
import type { Load, LoadOrder } from './load.ts';

/** Long enough to tell a request's statements from what a server asks by itself in the meantime. */
const WATCH_MS = 50;

/** Ids, moments and running numbers differ between two requests that do the same. */
const withoutIds = (json: string): unknown =>
  JSON.parse(
    json
      .replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, 'id')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
      .replaceAll(/"seq":\d+/g, '"seq":"number"'),
  );

/** Watches which statements a database executes, by its own account (`pg_stat_statements`). */
export async function createStatementLog(adminUrl: string) {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  return {
    /** What the database executed for `work`, each statement with how often. */
    async during(work: () => Promise<unknown>): Promise<readonly { text: string; calls: number }[]> {
      await client.query('SELECT pg_stat_statements_reset()');
      await work();
      const { rows } = await client.query<{ query: string; calls: string }>(
        `SELECT query, calls FROM pg_stat_statements
         WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND query NOT LIKE '%pg_stat_statements%'`,
      );
      return rows.map(({ query, calls }) => ({ text: query.replaceAll(/\s+/g, ' '), calls: Number(calls) }));
    },
    close: () => client.end(),
  };
}

export type StatementLog = Awaited<ReturnType<typeof createStatementLog>>;

async function replyOf({ port, method, target, headers, body }: LoadOrder): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}${target}`, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: body.replace(/0{8}(?:-0{4}){3}-0{12}/, crypto.randomUUID()) }),
  });
  return withoutIds(await response.text());
}

/** The statements of one request; what is not executed once for each request is not part of it. */
async function statementsOf(order: LoadOrder, load: Load, log: StatementLog): Promise<readonly string[]> {
  let answered = 0;
  const seen = await log.during(async () => {
    ({ answered } = await load.run({ ...order, connections: 1, warmUpMs: 0, durationMs: WATCH_MS }));
  });
  return seen
    .filter(({ calls }) => calls >= answered)
    .map(({ text, calls }) => `${calls / answered} × ${text}`)
    .toSorted();
}

/**
 * Proves that the servers do the same work: the same JSON and the same statements for the same request.
 * @throws with the difference
 */
export async function assertSameWork(
  orders: readonly LoadOrder[],
  load: Load,
  log: StatementLog,
): Promise<void> {
  const work = [];
  for (const order of orders)
    work.push({ reply: await replyOf(order), statements: await statementsOf(order, load, log) });
  const [first, ...others] = work;
  for (const other of others) assert.deepEqual(other, first, 'The servers do not do the same work.');
}
