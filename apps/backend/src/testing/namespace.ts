/**
 * Instances on one database belong together and share their keys and channels in Redis; tests on other databases use
 * the same Redis at the same time.
 */
export const namespaceOf = (databaseUrl: string): string => new URL(databaseUrl).pathname.slice(1);
