import pg from 'pg';

/**
 * Creates the application's role and database if they are missing. Run at every start, so that a first start which
 * was interrupted in between is completed by the next one.
 */
export async function prepareCluster(
  adminUrl: string,
  { database, password }: { database: string; password: string },
): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const name = client.escapeIdentifier(database);
    const role = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [database]);
    if (role.rowCount === 0) {
      // CREATEDB: tests clone databases, and Prisma's own CLI wants a shadow database.
      await client.query(`CREATE ROLE ${name} LOGIN CREATEDB PASSWORD ${client.escapeLiteral(password)}`);
    }
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${name} OWNER ${name}`);
  } finally {
    await client.end();
  }
}
