import { createTemplateDatabase } from '@plinth/dev-services';
import pg from 'pg';

const env = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: integration tests are run by "npm run test:int".`);
  return value;
};

export interface TestDatabase {
  readonly url: string;
  /** The same database with parameters, for example `{ connection_limit: 2 }`. */
  with(parameters: Readonly<Record<string, string | number | boolean>>): string;
  /** Runs a statement on a connection of its own, outside the pool under test. */
  execute<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Connections that PostgreSQL counts for an application. */
  connections(applicationName: string): Promise<number[]>;
  drop(): Promise<void>;
}

/** A database of its own, empty until `prepare` has filled it. */
export async function createTestDatabase(
  prepare: (url: string) => Promise<unknown> = async () => {},
): Promise<TestDatabase> {
  const database = await createTemplateDatabase(env('TEST_DATABASE_URL'), async (url) => {
    await prepare(url);
  });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const execute: TestDatabase['execute'] = async (text, values = []) =>
    (await client.query(text, [...values])).rows;
  return {
    url: database.url,
    with(parameters) {
      const url = new URL(database.url);
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, String(value));
      return url.href;
    },
    execute,
    async connections(applicationName) {
      const rows = await execute<{ pid: number }>(
        'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1 ORDER BY pid',
        [applicationName],
      );
      return rows.map(({ pid }) => pid);
    },
    async drop() {
      await client.end();
      await database.drop();
    },
  };
}
