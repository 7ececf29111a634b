import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of migrations made for one test. */
export async function createMigrationFolder(scripts: Readonly<Record<string, string>> = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'plinth-migrations-'));
  const write = async (name: string, sql: string): Promise<void> => {
    await mkdir(join(dir, name), { recursive: true });
    await writeFile(join(dir, name, 'migration.sql'), sql);
  };
  for (const [name, sql] of Object.entries(scripts)) await write(name, sql);
  return {
    dir,
    /** Adds a migration, or edits one. */
    write,
    read: (name: string, file: 'migration.sql' | 'down.sql') => readFile(join(dir, name, file), 'utf8'),
    /** Names of the migrations. */
    async list(): Promise<string[]> {
      const entries = await readdir(dir, { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    },
    remove: (name: string) => rm(join(dir, name), { recursive: true }),
    delete: () => rm(dir, { recursive: true, force: true }),
  };
}

export type MigrationFolder = Awaited<ReturnType<typeof createMigrationFolder>>;

/** A folder with a Prisma schema of one file. */
export async function createSchemaFolder(models: string) {
  const dir = await mkdtemp(join(tmpdir(), 'plinth-schema-'));
  await writeFile(join(dir, 'schema.prisma'), `datasource db {\n  provider = "postgresql"\n}\n\n${models}`);
  return { dir, delete: () => rm(dir, { recursive: true, force: true }) };
}
