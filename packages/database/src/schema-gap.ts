/** Whether what the code expects of the database is there: before demo data is written, and for a word at the start. */
import { migrationStatus } from './migration-status.ts';
import { type SchemaPaths, schemaDifference } from './new-migration.ts';
import { codeOf } from './unknown-error.ts';

const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * One sentence about what is missing before code made for prisma/schema can use this database, and what to run;
 * undefined when nothing is. The comparison with the schema needs the right CREATEDB and is left out without it.
 *
 * @param url direct address of PostgreSQL
 */
export async function schemaGap(url: string, paths: SchemaPaths = {}): Promise<string | undefined> {
  const { pending } = await migrationStatus(url, paths);
  if (pending.length > 0) {
    return `The database lacks ${pending.length === 1 ? 'a migration' : `${pending.length} migrations`}: ${pending.join(', ')}. Apply with "npm run db:deploy".`;
  }
  const up = await schemaDifference(url, paths).then(
    (difference) => difference.up,
    (error: unknown) => {
      if (codeOf(error) === INSUFFICIENT_PRIVILEGE) return '';
      throw error;
    },
  );
  if (up === '') return undefined;
  return 'prisma/schema is ahead of the migrations: write the missing one with "npm run db:migrate:new <name>", read it, then apply it with "npm run db:deploy".';
}
