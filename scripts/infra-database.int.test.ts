/**
 * The very role script of infra/postgres and settings of infra/pgbouncer, run by a real PostgreSQL and a real PgBouncer:
 * only addresses, ports and paths are replaced, and what the PgBouncer of this machine may be too old for.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deployMigrations } from '@plinth/database/migrations';
import {
  type PostgresServer,
  randomPassword,
  startPgBouncer,
  startPostgres,
  withDatabase,
} from '@plinth/dev-services';
import pg from 'pg';

const INFRA = resolve(import.meta.dirname, '../infra');
const read = (path: string): string => readFileSync(join(INFRA, path), 'utf8');

describe('PostgreSQL with the real roles, behind the real pgbouncer.ini', () => {
  const passwords = { owner_password: randomPassword(), app_password: randomPassword() };
  const TIMEOUTS = {
    statement_timeout: '30s',
    lock_timeout: '5s',
    idle_in_transaction_session_timeout: '10s',
  };
  let folder: string;
  let postgres: PostgresServer;
  let ownerUrl: string;
  let appUrl: string;

  async function withClient<T>(config: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client(config);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  const asApp = (sql: string) => withClient({ connectionString: appUrl }, (client) => client.query(sql));

  const timeouts = (connectionString: string) =>
    withClient({ connectionString }, async (client) => {
      const { rows } = await client.query(
        'SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY($1)',
        [Object.keys(TIMEOUTS)],
      );
      return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
    });

  /** What psql makes of the script: variables, `\connect`, and one statement after the other. */
  async function runRolesScript(adminUrl: string): Promise<void> {
    const script = /<<'SQL'\n([\s\S]*)\nSQL\n/.exec(read('postgres/init/10-roles.sh'))?.[1] ?? '';
    const [cluster = '', database = ''] = script
      .replace(/^\\getenv .*\n/gm, '')
      .replace(/:'(\w+)'/g, (_, name: keyof typeof passwords) => `'${passwords[name]}'`)
      .split('\\connect plinth\n');
    const run = (connectionString: string, sql: string) =>
      withClient({ connectionString }, async (client) => {
        // At semicolons that end a line and are not within $$ … $$. CREATE DATABASE wants to be alone.
        for (const statement of sql.split(/;\n(?=(?:[^$]*\$\$[^$]*\$\$)*[^$]*$)/))
          await client.query(statement);
      });
    await run(adminUrl, cluster);
    await run(withDatabase(adminUrl, 'plinth'), database);
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plinth-infra-'));
    // A server of its own: roles are of the whole server.
    postgres = await startPostgres({ dir: join(folder, 'postgres'), persistent: false, database: 'unused' });
    await runRolesScript(postgres.adminUrl);
    const urlOf = (user: string, password: string) =>
      `postgresql://${user}:${password}@127.0.0.1:${postgres.port}/plinth`;
    ownerUrl = urlOf('plinth_owner', passwords.owner_password);
    appUrl = urlOf('plinth_app', passwords.app_password);
    await deployMigrations(ownerUrl);
  });
  afterAll(async () => {
    await postgres?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the application reads and writes rows of the migrated tables', async () => {
    await asApp(`INSERT INTO outbox_events (topic, payload) VALUES ('test', '{}')`);
    expect((await asApp(`DELETE FROM outbox_events WHERE topic = 'test'`)).rowCount).toBe(1);
  });

  test.each([
    ['make a table', 'CREATE TABLE mine (id int)'],
    ['make a temporary table', 'CREATE TEMPORARY TABLE mine (id int)'],
    ['change a table', 'ALTER TABLE users ADD COLUMN mine int'],
    ['remove a table', 'DROP TABLE outbox_events'],
    ['empty a table', 'TRUNCATE outbox_events'],
    ['switch off the guard of the audit trail', 'ALTER TABLE audit_entries DISABLE TRIGGER ALL'],
    ['change the audit trail', `UPDATE audit_entries SET action = 'nothing'`],
    ['shorten the audit trail', 'DELETE FROM audit_entries'],
    ['change the history of migrations', 'UPDATE _prisma_migrations SET finished_at = NULL'],
    ['shorten the history of migrations', 'DELETE FROM _prisma_migrations'],
    ['make a role', 'CREATE ROLE mine'],
  ])('the application cannot %s (ASVS 13.2.2)', async (_what, sql) => {
    // insufficient_privilege
    await expect(asApp(sql)).rejects.toMatchObject({ code: '42501' });
  });

  test('the application cannot enter other databases of the server', async () => {
    for (const name of ['postgres', 'template1'])
      await expect(timeouts(withDatabase(appUrl, name))).rejects.toMatchObject({ code: '42501' });
  });

  test('a second deployment as the owner goes through', async () => {
    expect((await deployMigrations(ownerUrl)).applied).toEqual([]);
  });

  test('PgBouncer accepts its settings, passes queries on, and the timeouts of the role are in force', async () => {
    const settings = [...read('pgbouncer/pgbouncer.ini').matchAll(/^(\w+) =(?: (.*))?$/gm)]
      .map(([, name = '', value = '']): [string, string] => [name, value])
      // The database stands in its own section; the others are this machine's.
      .filter(([name]) => !['plinth', 'listen_addr', 'listen_port', 'auth_file'].includes(name))
      // Of PgBouncer 1.21 and later; before, there was nothing to switch off.
      .filter(([name]) => name !== 'max_prepared_statements');
    const bouncer = await startPgBouncer({ databaseUrl: appUrl, settings: Object.fromEntries(settings) });
    try {
      expect(await timeouts(bouncer.url)).toEqual(TIMEOUTS);
      const config = await withClient({ connectionString: bouncer.adminUrl }, async (client) => {
        const { rows } = await client.query('SHOW CONFIG');
        return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
      });
      expect(settings.length).toBeGreaterThan(15);
      for (const [name, value] of settings) expect([name, config[name] ?? '']).toEqual([name, value]);
      await expect(
        withClient({ connectionString: bouncer.url, statement_timeout: 1000 }, (client) =>
          client.query('SELECT 1'),
        ),
      ).rejects.toThrow(/unsupported startup parameter: statement_timeout/);
    } finally {
      await bouncer.close();
    }
  });
});
