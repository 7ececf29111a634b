import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULT_MIGRATIONS_DIR, readDownScript, readMigrations } from './migration-files.ts';
import { deployMigrations, schemaDifference } from './migrations.ts';
import { describeCatalogue } from './testing/catalogue.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

describe('the migrations of this repository', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  test('produce exactly prisma/schema', async () => {
    expect(await schemaDifference(database.url)).toEqual({ up: '', down: '' });
  });

  test('can be undone one by one with their down.sql', async () => {
    const states: string[][] = [];
    const migrations = await readMigrations(DEFAULT_MIGRATIONS_DIR);
    for (const { sql } of migrations) {
      states.push(await describeCatalogue(database));
      await database.execute(sql);
    }
    for (const { name } of migrations.toReversed()) {
      const down = await readDownScript(DEFAULT_MIGRATIONS_DIR, name);
      expect([name, down !== undefined]).toEqual([name, true]);
      await database.execute(down ?? '');
      expect([name, await describeCatalogue(database)]).toEqual([name, states.pop()]);
    }
  });
});

test('of two channels that look alike from before their names were compared, the newer gets the end of its id', async () => {
  const database = await createTestDatabase();
  try {
    for (const { name, sql } of await readMigrations(DEFAULT_MIGRATIONS_DIR)) {
      if (name.endsWith('_channels_spelling'))
        await database.execute(`
          INSERT INTO organizations (id, name, created_at) VALUES ('00000000-0000-7000-8000-000000000001', 'Acme', now());
          INSERT INTO channels (id, org_id, name, created_at) VALUES
            ('00000000-0000-7000-8000-0000000000a1', '00000000-0000-7000-8000-000000000001', 'straße', '2026-01-01'),
            ('00000000-0000-7000-8000-0000000000a2', '00000000-0000-7000-8000-000000000001', 'strasse', '2026-01-02'),
            ('00000000-0000-7000-8000-0000000000a3', '00000000-0000-7000-8000-000000000001', 'general', '2026-01-03')`);
      await database.execute(sql);
    }
    expect(await database.execute('SELECT name FROM channels ORDER BY id')).toEqual([
      { name: 'straße' },
      { name: 'strasse-000000a2' },
      { name: 'general' },
    ]);
  } finally {
    await database.drop();
  }
});

describe('the database of this repository', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(deployMigrations);
  });
  afterAll(() => database.drop());
  const addEntry = () =>
    database.execute(
      "INSERT INTO audit_entries (id, actor_type, action, target_type) VALUES (gen_random_uuid(), 'system', 'test', 'none')",
    );

  test.each([
    ['changed', "UPDATE audit_entries SET action = 'something else'"],
    ['deleted', 'DELETE FROM audit_entries'],
    ['emptied', 'TRUNCATE audit_entries'],
    ['emptied through another table', 'TRUNCATE audit_entries, users CASCADE'],
  ])('does not let the audit trail be %s', async (_what, statement) => {
    await addEntry();
    await expect(database.execute(statement)).rejects.toMatchObject({
      code: '42501',
      message: expect.stringContaining('audit_entries is append-only'),
    });
    expect(await database.execute("SELECT 1 FROM audit_entries WHERE action = 'test'")).not.toEqual([]);
  });

  test('has an index behind every foreign key', async () => {
    const uncovered = await database.execute(`
      SELECT c.conrelid::regclass::text AS "table", c.conname AS "foreignKey" FROM pg_constraint c
      WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND NOT EXISTS (
        SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indpred IS NULL
          AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)`);
    expect(uncovered).toEqual([]);
  });
});
