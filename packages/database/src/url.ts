/** What the configuration needs to judge a connection URL, without Prisma. */

export { type DatabaseUrl, describeDatabase, isLocalDatabase, parseDatabaseUrl } from './database-url.ts';
export { DatabaseUrlError } from './database-url-error.ts';
export { readTlsFiles } from './tls-files.ts';
