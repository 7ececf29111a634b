import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startPgBouncer } from '@plinth/dev-services';
import {
  deployMigrations,
  MigrationError,
  migrationStatus,
  resetDatabase,
  resolveMigration,
} from './migrations.ts';
import { createMigrationFolder, type MigrationFolder } from './testing/migration-folder.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

const FIRST = '20260101000000_notes';
const SECOND = '20260102000000_titles';

/** A function body has semicolons inside, as triggers have. */
const NOTES = `CREATE TABLE notes (id int PRIMARY KEY);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no; never'; END $$;`;
const TITLES = 'ALTER TABLE notes ADD COLUMN title text;';

let database: TestDatabase;
let folder: MigrationFolder;

beforeEach(async () => {
  database = await createTestDatabase();
  folder = await createMigrationFolder({ [FIRST]: NOTES, [SECOND]: TITLES });
});
afterEach(async () => {
  await database.drop();
  await folder.delete();
});

const deploy = (lines: string[] = []) =>
  deployMigrations(database.url, { migrationsDir: folder.dir, log: (line) => lines.push(line) });
const status = () => migrationStatus(database.url, { migrationsDir: folder.dir });
const columns = async () =>
  (
    await database.execute<{ name: string }>(
      "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'notes' ORDER BY ordinal_position",
    )
  ).map(({ name }) => name);
const failure = async (work: Promise<unknown>): Promise<MigrationError> => {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof MigrationError)) throw new Error(`Expected a MigrationError, got ${String(error)}`);
  return error;
};

describe('deploying', () => {
  test('applies what is missing, in order, and says so', async () => {
    const lines: string[] = [];
    expect(await deploy(lines)).toEqual({ applied: [FIRST, SECOND], total: 2 });
    expect(await columns()).toEqual(['id', 'title']);
    expect(lines).toEqual([
      expect.stringMatching(/^Applying 2 migrations to plinth_template_\w+ at 127\.0\.0\.1:\d+:$/),
      expect.stringMatching(`  applied ${FIRST} \\(\\d+ ms\\)`),
      expect.stringMatching(`  applied ${SECOND} \\(\\d+ ms\\)`),
    ]);
  });

  test('a second time changes nothing', async () => {
    await deploy();
    const history = await database.execute('SELECT * FROM _prisma_migrations ORDER BY started_at');
    const lines: string[] = [];
    expect(await deploy(lines)).toEqual({ applied: [], total: 2 });
    expect(await database.execute('SELECT * FROM _prisma_migrations ORDER BY started_at')).toEqual(history);
    expect(lines).toEqual([expect.stringContaining('is up to date (2 migrations)')]);
  });

  test('leaves no connection behind, so that the database can be copied at once', async () => {
    await deploy();
    const others = await database.execute(
      'SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    expect(others).toEqual([]);
  });

  test('from several instances at once applies each migration once', async () => {
    const reports = await Promise.all([deploy(), deploy(), deploy()]);
    expect(reports.flatMap(({ applied }) => applied)).toEqual([FIRST, SECOND]);
    expect(await database.execute('SELECT 1 FROM _prisma_migrations')).toHaveLength(2);
  });

  test('waits for another instance only so long', async () => {
    await database.execute('SELECT pg_advisory_lock($1)', [7_077_283_041]);
    const lines: string[] = [];
    const error = await failure(
      deployMigrations(database.url, {
        migrationsDir: folder.dir,
        lockTimeoutMs: 300,
        log: (line) => lines.push(line),
      }),
    );
    expect(error.code).toBe('locked');
    expect(lines).toEqual([expect.stringContaining('Another instance is migrating')]);
  });

  test('is possible in a schema of its own', async () => {
    const url = database.with({ schema: 'tenant_1' });
    await database.execute('CREATE SCHEMA tenant_1');
    await deployMigrations(url, { migrationsDir: folder.dir });
    expect(
      await database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'tenant_1' ORDER BY 1"),
    ).toEqual([{ tablename: '_prisma_migrations' }, { tablename: 'notes' }]);
    expect((await migrationStatus(url, { migrationsDir: folder.dir })).upToDate).toBe(true);
  });

  test('through PgBouncer is refused, since it needs one session', async () => {
    const error = await failure(deployMigrations(database.with({ pgbouncer: true })));
    expect(error).toMatchObject({ code: 'not-direct', message: expect.stringContaining('DIRECT_URL') });
  });

  test.each([
    ['which says so', {}, 'no-connection', 'This is PgBouncer'],
    [
      'which ignores the settings',
      { ignore_startup_parameters: 'options,lock_timeout' },
      'not-direct',
      'is a pooler',
    ],
  ])(
    'through a PgBouncer %s is refused, with DIRECT_URL as the remedy',
    async (_kind, settings, code, message) => {
      const bouncer = await startPgBouncer({ databaseUrl: database.url, settings });
      try {
        const error = await failure(deployMigrations(bouncer.url));
        expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
        expect(error.message).toMatch(/set DIRECT_URL to the address of PostgreSQL itself/i);
      } finally {
        await bouncer.close();
      }
    },
  );

  test('to a server that does not answer says where it looked', async () => {
    const error = await failure(deployMigrations('postgresql://app@127.0.0.1:1/chat'));
    expect(error).toMatchObject({
      code: 'no-connection',
      message: expect.stringMatching(/^Cannot connect to chat at 127\.0\.0\.1:1\. Nothing answers/),
    });
  });

  test('to a database that does not exist says how to create it', async () => {
    const url = new URL(database.url);
    url.pathname = '/nowhere';
    const error = await failure(deployMigrations(url.href));
    expect(error.message).toMatch(/^Cannot connect to nowhere at .* create it with CREATE DATABASE/);
  });
});

describe('a history that does not fit the files', () => {
  test('is told by the status: pending, edited and missing migrations', async () => {
    expect(await status()).toMatchObject({ applied: [], pending: [FIRST, SECOND], upToDate: false });
    await deploy();
    expect(await status()).toMatchObject({
      pending: [],
      failed: [],
      edited: [],
      missing: [],
      upToDate: true,
    });
    await folder.write(FIRST, `${NOTES}\n-- afterthought`);
    await folder.remove(SECOND);
    expect(await status()).toMatchObject({ edited: [FIRST], missing: [SECOND], upToDate: false });
  });

  test('is refused when a file was edited after it was applied', async () => {
    await deploy();
    await folder.write(FIRST, `${NOTES}\n-- afterthought`);
    const error = await failure(deploy());
    expect(error).toMatchObject({ code: 'edited', message: expect.stringContaining(FIRST) });
    expect(error.message).toContain('version control');
  });

  test('is fine when the database is ahead, as after going back to an older release', async () => {
    await deploy();
    await folder.remove(SECOND);
    const lines: string[] = [];
    expect(await deploy(lines)).toEqual({ applied: [], total: 1 });
    expect(lines[0]).toContain(`ahead of this release by 1 migration: ${SECOND}`);
  });

  test('is refused when both sides have migrations that the other lacks', async () => {
    await deploy();
    await folder.remove(SECOND);
    await folder.write('20260103000000_other', 'CREATE TABLE other ();');
    const error = await failure(deploy());
    expect(error.code).toBe('diverged');
    expect(error.message).toContain(SECOND);
    expect(error.message).toContain('20260103000000_other');
  });

  test('lets a migration from a merged branch be applied after younger ones', async () => {
    await deploy();
    await folder.write('20260101120000_merged', 'CREATE TABLE merged ();');
    expect((await deploy()).applied).toEqual(['20260101120000_merged']);
  });
});

describe('a migration that fails', () => {
  const BROKEN = `CREATE TABLE half ();\n\nALTER TABLE notes ADD COLUMN oops nosuchtype;\n`;

  test('leaves nothing behind and is reported with its line; the ones before it stay', async () => {
    await folder.write(SECOND, BROKEN);
    const error = await failure(deploy());
    expect(error.code).toBe('failed');
    expect(error.message.split('\n')).toEqual([
      `Migration ${SECOND} failed.`,
      '  line 3: type "nosuchtype" does not exist',
      expect.stringContaining('Nothing of it was kept'),
      `Correct it, then run: npm run db:deploy -- --retry ${SECOND}`,
    ]);
    expect(await columns()).toEqual(['id']);
    expect(await database.execute("SELECT 1 FROM pg_tables WHERE tablename = 'half'")).toEqual([]);
    expect(await status()).toMatchObject({
      applied: [{ name: FIRST }],
      failed: [{ name: SECOND, reason: expect.stringContaining('nosuchtype') }],
    });
  });

  test('stops later deployments until it is settled', async () => {
    await folder.write(SECOND, BROKEN);
    await failure(deploy());
    const error = await failure(deploy());
    expect(error).toMatchObject({ code: 'failed', message: expect.stringContaining('--retry') });
  });

  test('is applied again after it was corrected', async () => {
    await folder.write(SECOND, BROKEN);
    await failure(deploy());
    await folder.write(SECOND, TITLES);
    await resolveMigration(database.url, SECOND, 'retry', { migrationsDir: folder.dir });
    expect((await deploy()).applied).toEqual([SECOND]);
    expect(await columns()).toEqual(['id', 'title']);
    expect((await status()).upToDate).toBe(true);
  });

  test('can be recorded as done by hand', async () => {
    await folder.write(SECOND, BROKEN);
    await failure(deploy());
    await folder.write(SECOND, TITLES);
    await database.execute(TITLES);
    await resolveMigration(database.url, SECOND, 'applied', { migrationsDir: folder.dir });
    expect((await deploy()).applied).toEqual([]);
    expect((await status()).upToDate).toBe(true);
  });

  test('is not mixed up with one that is fine', async () => {
    await deploy();
    for (const outcome of ['retry', 'applied'] as const) {
      const error = await failure(
        resolveMigration(database.url, FIRST, outcome, { migrationsDir: folder.dir }),
      );
      expect(error.code).toBe('unknown-migration');
    }
  });
});

describe('a reset', () => {
  test('deletes everything and applies all migrations anew', async () => {
    await deploy();
    await database.execute('INSERT INTO notes VALUES (1); CREATE TABLE stray ()');
    const report = await resetDatabase(database.url, { migrationsDir: folder.dir, environment: 'test' });
    expect(report.applied).toEqual([FIRST, SECOND]);
    expect(await database.execute('SELECT 1 FROM notes')).toEqual([]);
    expect(await database.execute("SELECT 1 FROM pg_tables WHERE tablename = 'stray'")).toEqual([]);
  });

  test('is refused in production, and on another host unless forced', async () => {
    const production = resetDatabase(database.url, { environment: 'production', force: true });
    expect(await failure(production)).toMatchObject({ code: 'refused' });
    const remote = resetDatabase('postgresql://app@db.example/chat', { environment: 'test' });
    expect(await failure(remote)).toMatchObject({
      code: 'refused',
      message: expect.stringContaining('--force'),
    });
  });
});
