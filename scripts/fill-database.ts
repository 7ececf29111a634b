/** Brings a development database up to date: migrations, then the demo data that is missing. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DevServiceError, explain } from '@plinth/dev-services';
import { DATABASE } from './folders.ts';

/** What a person at the start screen must know. */
export interface Filled {
  /** Whether the demo accounts are there. */
  readonly seeded: boolean;
  /** What is to be done by hand. */
  readonly notes: readonly string[];
}

/**
 * Applies migrations and adds demo data. Only a migration that fails is an error: without demo data, or while the
 * schema waits for its migration, one can still work, and says so.
 */
export async function fillDatabase(databaseUrl: string, directUrl = databaseUrl): Promise<Filled> {
  const { deployMigrations, schemaGap } = await import('@plinth/database/migrations');
  await deployMigrations(directUrl, { log: (line) => console.log(line) });
  await generateClient();
  if (!isLocal(databaseUrl)) {
    console.log('Demo data is not added to a database on another machine; "npm run db:seed" does it.');
    return { seeded: false, notes: [] };
  }
  try {
    const gap = await schemaGap(directUrl);
    if (gap !== undefined)
      return tell(`${gap} Until then no demo data is added ("npm run db:seed" does it).`);
    const { seedDatabase } = await import('../prisma/seed.ts');
    const added = Object.entries(await seedDatabase(databaseUrl, { environment: process.env.NODE_ENV }));
    const news = added.flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
    if (news.length > 0) console.log(`Added demo data: ${news.join(', ')}.`);
    return { seeded: true, notes: [] };
  } catch (error) {
    console.error(explain(error));
    return tell(
      'The demo data could not be added (see the error above): mend prisma/seeds, then "npm run db:seed".',
    );
  }
}

function tell(note: string): Filled {
  console.error(note);
  return { seeded: false, notes: [note] };
}

/** Demo accounts have a public password: they do not go to wherever DATABASE_URL may point. */
export function isLocal(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]', ''].includes(new URL(url).hostname);
}

/** Turbo has done it before; "npm run services" on a fresh clone has not. */
async function generateClient(): Promise<void> {
  if (existsSync(join(DATABASE, 'src/generated/client.ts'))) return;
  const child = spawn(process.execPath, ['scripts/generate.ts'], { cwd: DATABASE, stdio: 'inherit' });
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0)
    throw new DevServiceError('The Prisma client could not be generated: see the output above.');
}
