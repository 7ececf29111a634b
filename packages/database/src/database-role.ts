/** What the application's role may do besides reading and writing rows. */
import type { Database } from './database.ts';

/** Attributes of the role, and of every role that it may become with SET ROLE. */
export interface DatabaseRole {
  /** Privileges over the whole server: whoever has one can get all the others. */
  readonly forbidden: readonly string[];
  /** Privileges over the schema, which belong to the role of the migrations. */
  readonly unneeded: readonly string[];
}

/** The role may do too much. The message names the variable and the remedy. */
export class DatabaseRoleError extends Error {
  override name = 'DatabaseRoleError';
}

const QUERY = `
WITH roles AS (SELECT * FROM pg_roles WHERE pg_has_role(session_user, oid, 'MEMBER'))
SELECT array_remove(ARRAY[
         CASE WHEN bool_or(rolsuper) THEN 'SUPERUSER' END,
         CASE WHEN bool_or(rolcreaterole) THEN 'CREATEROLE' END,
         CASE WHEN bool_or(rolbypassrls) THEN 'BYPASSRLS' END,
         CASE WHEN bool_or(rolreplication) THEN 'REPLICATION' END,
         CASE WHEN bool_or(rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'))
              THEN 'access to files and programs of the server' END
       ], NULL) AS forbidden,
       array_remove(ARRAY[
         CASE WHEN bool_or(rolcreatedb) THEN 'CREATEDB' END,
         CASE WHEN EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace(current_schema()) AND relkind IN ('r', 'p')
                           AND relowner IN (SELECT oid FROM roles)) THEN 'ownership of tables' END
       ], NULL) AS unneeded
FROM roles`;

/**
 * Reads what the role of DATABASE_URL may do. In a transaction, so that a pooler which allows none is found as well.
 *
 * @throws what the connection throws; see `connectionRemedy`
 */
export async function readDatabaseRole(database: Pick<Database, 'sqlTransaction'>): Promise<DatabaseRole> {
  const [role] = await database.sqlTransaction((sql) => sql.query<DatabaseRole>(QUERY));
  return role ?? { forbidden: [], unneeded: [] };
}

const REMEDY =
  'Give DATABASE_URL a role that only reads and writes rows, as infra/postgres/init makes it (plinth_app), and DIRECT_URL the one that owns the tables.';

/**
 * @returns a warning when the role may do more than it needs
 * @throws DatabaseRoleError when whoever takes over the application would have the whole server (ASVS 13.2.2)
 */
export function refuseStrongRole({ forbidden, unneeded }: DatabaseRole): string | undefined {
  if (forbidden.length > 0)
    throw new DatabaseRoleError(
      `The database role of DATABASE_URL has ${forbidden.join(', ')}, which production refuses. ${REMEDY}`,
    );
  if (unneeded.length === 0) return undefined;
  return `The database role of DATABASE_URL has ${unneeded.join(' and ')}, which it does not need. ${REMEDY}`;
}
