export { type ConnectionPurpose, connectionRemedy } from './connection-remedy.ts';
export {
  createDatabase,
  type Database,
  type DatabaseDeps,
  type DatabaseOptions,
  type PoolStats,
  type Sql,
  type Tx,
} from './database.ts';
export { type DatabaseRole, DatabaseRoleError, readDatabaseRole, refuseStrongRole } from './database-role.ts';
export {
  classifyDatabaseError,
  type DatabaseErrorKind,
  DatabaseTimeoutError,
  sqlState,
  TransactionRolledBackError,
  violatedConstraint,
} from './errors.ts';
export * from './generated/client.ts';
export * from './url.ts';
