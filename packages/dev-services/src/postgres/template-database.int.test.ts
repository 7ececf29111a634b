import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import pg from 'pg';
import { temporaryFolder } from '../testing/helpers.ts';
import { startPostgres } from './start-postgres.ts';
import { cloneDatabase, createTemplateDatabase } from './template-database.ts';

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

test('every test worker gets its own copy of a migrated database, and drops it even while it is in use', async () => {
  await using folder = await temporaryFolder();
  const server = await startPostgres({ dir: join(folder.path, 'postgres'), persistent: false });
  try {
    const template = await createTemplateDatabase(server.url, async (url) => {
      const client = await connect(url);
      await client.query('CREATE TABLE migrated (id int)');
      await client.end();
    });
    const one = await cloneDatabase(server.url, template.name);
    const two = await cloneDatabase(server.url, template.name);
    const [first, second] = [await connect(one.url), await connect(two.url)];
    await first.query('INSERT INTO migrated VALUES (1)');
    expect((await second.query('SELECT * FROM migrated')).rows).toEqual([]);
    await Promise.all([one.drop(), two.drop()]);
    await template.drop();

    const admin = await connect(server.adminUrl);
    const { rows } = await admin.query("SELECT datname FROM pg_database WHERE datname LIKE 'plinth\\_%'");
    await admin.end();
    expect(rows).toEqual([]);
  } finally {
    await server.close();
  }
});

test('a template whose preparation fails is removed, and the reason is passed on', async () => {
  await using folder = await temporaryFolder();
  const server = await startPostgres({ dir: join(folder.path, 'postgres'), persistent: false });
  try {
    const failing = () => Promise.reject(new Error('migration 7 is broken'));
    await expect(createTemplateDatabase(server.url, failing, 'plinth_template_broken')).rejects.toThrow(
      'migration 7 is broken',
    );
    const admin = await connect(server.adminUrl);
    const { rows } = await admin.query("SELECT 1 FROM pg_database WHERE datname = 'plinth_template_broken'");
    await admin.end();
    expect(rows).toEqual([]);
  } finally {
    await server.close();
  }
});
