export {
  createDatabase,
  type Database,
  type DatabaseDeps,
  type DatabaseOptions,
  type PoolStats,
  type Sql,
  type Tx,
} from './database.ts';
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
