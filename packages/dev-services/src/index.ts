export { CATALOGUE, type ServerName } from './catalogue.ts';
export { chromiumFlags, findChromium } from './chromium.ts';
export { untilAnswers } from './development/answers.ts';
export { ensureSecrets, readSecrets } from './development/dev-secrets.ts';
export { type PortHolder, portHolder } from './development/port-holder.ts';
export { portInUse } from './development/port-in-use.ts';
export {
  readServicesFile,
  removeServicesFile,
  type ServicesInfo,
  toEnvironment,
  type WaitOptions,
  waitForServices,
  writeServicesFile,
} from './development/services-file.ts';
export { acquireLock, alreadyRunning, lockHolder, waitForLockRelease } from './development/services-lock.ts';
export { onStopRequest } from './development/stop-requests.ts';
export { renderWelcome, type Welcome, withoutPassword } from './development/welcome.ts';
export { ensureServers, type ReadyServer } from './ensure.ts';
export { DevServiceError, hasCode, messageOf } from './errors.ts';
export { commandLine, isSame, markOf, type ProcessMark, parseMark } from './liveness.ts';
export { type NginxOptions, type NginxServer, startNginx } from './nginx.ts';
export { type PgBouncerOptions, type PgBouncerServer, startPgBouncer } from './pgbouncer.ts';
export { freePort, isPortFree } from './ports.ts';
export {
  type PostgresOptions,
  type PostgresServer,
  type PostgresSettings,
  startPostgres,
} from './postgres.ts';
export { waitUntilUnused } from './postgres-clients.ts';
export { type ProcessOptions, type RunningProcess, signalProcess, startProcess } from './process.ts';
export { findRedis, type RedisOptions, type RedisServer, startRedis } from './redis.ts';
export { randomPassword } from './secrets.ts';
export {
  type ClonedDatabase,
  cloneDatabase,
  createTemplateDatabase,
  withDatabase,
} from './template-database.ts';
