export { untilAnswers } from './development/answers.ts';
export { ensureSecrets, readSecrets } from './development/dev-secrets.ts';
export { redisNamespace } from './development/instance.ts';
export { choosePorts, type NeededPort } from './development/needed-ports.ts';
export { type PortHolder, portHolder } from './development/port-holder.ts';
export {
  readServicesFile,
  removeServicesFile,
  type ServicesInfo,
  toEnvironment,
  type WaitOptions,
  waitForServices,
  writeServicesFile,
} from './development/services-file.ts';
export {
  acquireLock,
  alreadyRunning,
  type LockHolder,
  lockHolder,
  waitForLockRelease,
} from './development/services-lock.ts';
export { onStopRequest } from './development/stop-requests.ts';
export { checkStorage } from './development/storage.ts';
export { renderWelcome, type Welcome, withoutPassword } from './development/welcome.ts';
export { DevServiceError, explain } from './errors.ts';
export { waitUntilUnused } from './postgres/clients.ts';
export {
  type PostgresOptions,
  type PostgresServer,
  type PostgresSettings,
  startPostgres,
} from './postgres/start-postgres.ts';
export {
  type ClonedDatabase,
  cloneDatabase,
  createTemplateDatabase,
  ensureDatabase,
  withDatabase,
} from './postgres/template-database.ts';
export { commandLine, isSame, markOf, type ProcessMark, parseMark } from './processes/liveness.ts';
export { freePort, isPortFree } from './processes/ports.ts';
export {
  type ProcessOptions,
  type RunningProcess,
  signalProcess,
  startProcess,
} from './processes/process.ts';
export { randomPassword } from './secrets.ts';
export { CATALOGUE, type ServerName } from './servers/catalogue.ts';
export { chromiumFlags, findChromium } from './servers/chromium.ts';
export { ensureServers, type ReadyServer } from './servers/ensure.ts';
export { type NginxOptions, type NginxServer, startNginx } from './servers/nginx.ts';
export { type PgBouncerOptions, type PgBouncerServer, startPgBouncer } from './servers/pgbouncer.ts';
export { findRedis, type RedisOptions, type RedisServer, startRedis } from './servers/redis.ts';
