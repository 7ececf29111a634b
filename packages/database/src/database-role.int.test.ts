import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { createDatabase } from './database.ts';
import { DatabaseRoleError, readDatabaseRole, refuseStrongRole } from './database-role.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

let server: TestDatabase;
let admin: pg.Client;
const made: string[] = [];

beforeAll(async () => {
  server = await createTestDatabase();
  await server.execute('CREATE TABLE things (id int)');
  const url = new URL(process.env.TEST_DATABASE_ADMIN_URL ?? '');
  url.pathname = new URL(server.url).pathname;
  admin = new pg.Client({ connectionString: url.href });
  await admin.connect();
});
afterAll(async () => {
  for (const role of made.toReversed()) await admin.query(`DROP ROLE ${role}`);
  await admin.end();
  await server.drop();
});

const newName = () => `plinth_role_${randomBytes(6).toString('hex')}`;

async function makeRole(attributes: string): Promise<string> {
  const name = newName();
  await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}' ${attributes}`);
  made.push(name);
  return name;
}

async function judge(name: string) {
  const url = new URL(server.url);
  url.username = name;
  url.password = name;
  const database = createDatabase({ url: url.href });
  try {
    return refuseStrongRole(await readDatabaseRole(database));
  } finally {
    await database.close();
  }
}

describe('the role of the application', () => {
  test('is silently accepted when it only reads and writes rows', async () => {
    expect(await judge(await makeRole(''))).toBeUndefined();
  });

  test.each(['SUPERUSER', 'CREATEROLE', 'BYPASSRLS', 'REPLICATION'])(
    'is refused with %s',
    async (attribute) => {
      const verdict = judge(await makeRole(attribute));
      await expect(verdict).rejects.toThrow(DatabaseRoleError);
      await expect(verdict).rejects.toThrow(new RegExp(`DATABASE_URL has .*${attribute}.*plinth_app`));
    },
  );

  test('is refused when it may become such a role, or reach files of the server', async () => {
    const strong = await makeRole('SUPERUSER');
    await expect(judge(await makeRole(`NOINHERIT IN ROLE ${strong}`))).rejects.toThrow(/SUPERUSER/);
    await expect(judge(await makeRole('IN ROLE pg_execute_server_program'))).rejects.toThrow(/programs/);
  });

  test('is warned of when it may make databases or owns tables', async () => {
    expect(await judge(await makeRole('CREATEDB'))).toMatch(/has CREATEDB, which it does not need/);
    const owner = decodeURIComponent(new URL(server.url).username);
    expect(await judge(await makeRole(`IN ROLE ${owner}`))).toMatch(/ownership of tables/);
  });
});
