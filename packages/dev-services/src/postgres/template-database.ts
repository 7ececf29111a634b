import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A database made for one test worker. */
export interface ClonedDatabase {
  name: string;
  url: string;
  /** Drops it, cutting off whoever is still connected. */
  drop(): Promise<void>;
}

/**
 * Creates an empty database, lets `prepare` fill it (migrations), and marks it as a template to be cloned.
 *
 * @param serverUrl a role that may create databases; the database in it is only used to connect
 */
export async function createTemplateDatabase(
  serverUrl: string,
  prepare: (url: string) => Promise<void>,
  name: string = uniqueName('template'),
): Promise<ClonedDatabase> {
  await execute(serverUrl, (id) => [
    `DROP DATABASE IF EXISTS ${id(name)} WITH (FORCE)`,
    `CREATE DATABASE ${id(name)}`,
  ]);
  const template = handle(serverUrl, name);
  try {
    await prepare(template.url);
  } catch (error) {
    await template.drop();
    throw error;
  }
  return template;
}

/**
 * Copies a template into a new database: about 20 ms, whatever the number of migrations.
 * Nobody may be connected to the template meanwhile, so copies of one template are made one after another.
 */
export async function cloneDatabase(
  serverUrl: string,
  template: string,
  name: string = uniqueName('test'),
): Promise<ClonedDatabase> {
  await execute(serverUrl, (id) => [
    `DROP DATABASE IF EXISTS ${id(name)} WITH (FORCE)`,
    `CREATE DATABASE ${id(name)} TEMPLATE ${id(template)} STRATEGY file_copy`,
  ]);
  return handle(serverUrl, name);
}

/** Makes a database on this server if it is not there; its content is left alone. */
export async function ensureDatabase(serverUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

/** The same server and role, another database. */
export function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

function handle(serverUrl: string, name: string): ClonedDatabase {
  return {
    name,
    url: withDatabase(serverUrl, name),
    drop: () => execute(serverUrl, (id) => [`DROP DATABASE IF EXISTS ${id(name)} WITH (FORCE)`]),
  };
}

function uniqueName(purpose: string): string {
  return `plinth_${purpose}_${randomBytes(6).toString('hex')}`;
}

async function execute(url: string, statements: (id: (name: string) => string) => string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements(pg.escapeIdentifier)) await client.query(statement);
  } finally {
    await client.end();
  }
}
