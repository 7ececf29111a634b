import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newMigration, schemaDifference } from './migrations.ts';
import {
  createMigrationFolder,
  createSchemaFolder,
  type MigrationFolder,
} from './testing/migration-folder.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

const MODEL = `model Note {
  id    Int     @id
  title String?

  @@map("notes")
}
`;

let database: TestDatabase;
let schema: Awaited<ReturnType<typeof createSchemaFolder>>;
let migrations: MigrationFolder;
let paths: { migrationsDir: string; schemaDir: string };

beforeAll(async () => {
  database = await createTestDatabase();
  schema = await createSchemaFolder(MODEL);
});
beforeEach(async () => {
  migrations = await createMigrationFolder();
  paths = { migrationsDir: migrations.dir, schemaDir: schema.dir };
});
afterEach(() => migrations.delete());
afterAll(async () => {
  await schema.delete();
  await database.drop();
});

const read = (name: string | undefined, file: 'migration.sql' | 'down.sql') =>
  migrations.read(name ?? '', file);

describe('a new migration', () => {
  test('holds the difference to the schema and the way back', async () => {
    const first = await newMigration(database.url, 'Add notes', paths);
    expect(first?.name).toMatch(/^\d{14}_add_notes$/);
    expect(first?.warnings).toEqual([]);
    expect(await read(first?.name, 'migration.sql')).toContain('CREATE TABLE "notes"');
    expect(await read(first?.name, 'down.sql')).toContain('DROP TABLE "notes"');
    expect(await schemaDifference(database.url, paths)).toEqual({ up: '', down: '' });
  });

  test('is not written when the schema has not changed', async () => {
    await newMigration(database.url, 'add notes', paths);
    expect(await newMigration(database.url, 'again', paths)).toBeUndefined();
    expect(await migrations.list()).toHaveLength(1);
  });

  test('takes statements written by hand in earlier migrations into account', async () => {
    await migrations.write('20260101000000_by_hand', 'CREATE TABLE notes (id int PRIMARY KEY);');
    const next = await newMigration(database.url, 'title', paths);
    expect(await read(next?.name, 'migration.sql')).toContain('ADD COLUMN     "title" TEXT');
  });

  test('warns at its top about data that will be lost', async () => {
    await migrations.write(
      '20260101000000_old',
      'CREATE TABLE notes (id int PRIMARY KEY, title text, gone text);',
    );
    const next = await newMigration(database.url, 'drop gone', paths);
    expect(next?.warnings).toEqual(['Drops column "gone" with its values.']);
    expect(await read(next?.name, 'migration.sql')).toMatch(
      /^-- Check before applying:\n-- {3}Drops column "gone" with its values\.\n/,
    );
  });

  test('may be empty when asked for, but not to hide a change of the schema', async () => {
    const hidden = newMigration(database.url, 'empty', { ...paths, empty: true });
    await expect(hidden).rejects.toMatchObject({ code: 'refused' });
    await newMigration(database.url, 'add notes', paths);
    const empty = await newMigration(database.url, 'backfill', { ...paths, empty: true });
    expect(await read(empty?.name, 'migration.sql')).toMatch(/^-- Write the statements here/);
  });

  test('needs a name in words, and migrations that can be replayed', async () => {
    await expect(newMigration(database.url, '../etc', paths)).rejects.toMatchObject({ code: 'bad-name' });
    await migrations.write('20260101000000_wrong', 'ALTER TABLE nowhere ADD COLUMN x int;');
    await expect(newMigration(database.url, 'more', paths)).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('20260101000000_wrong'),
    });
  });

  test('leaves no scratch database behind', async () => {
    await newMigration(database.url, 'add notes', paths);
    expect(await database.execute("SELECT 1 FROM pg_database WHERE datname LIKE 'plinth_scratch_%'")).toEqual(
      [],
    );
  });
});
