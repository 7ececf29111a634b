/** A server (or browser) that tests need and that npm cannot bring. */
export type ServerName = 'redis' | 'pgbouncer' | 'nginx' | 'chromium';

export interface Recipe {
  title: string;
  /** Variable with the address of a running one, or the path of a program. Without it the order begins with PATH. */
  variable?: string;
  /** What the variable holds. */
  variableHolds?: 'url' | 'path';
  /** Names of the program, in the order of preference. */
  binaries: readonly string[];
  /** The package of Debian and Ubuntu. */
  debianPackage: string;
  /** Whether it can run in a container; a browser cannot share its debugging pipe with one. */
  container: boolean;
  /** Systems (`ID` of os-release) whose package is none: Ubuntu's "chromium" only points to the snap store. */
  noPackageOn: readonly string[];
  /** How a person gets it on any other system. */
  advice: string;
}

export const CATALOGUE: Record<ServerName, Recipe> = {
  redis: {
    title: 'Redis',
    variable: 'TEST_REDIS_URL',
    variableHolds: 'url',
    binaries: ['redis-server', 'valkey-server'],
    debianPackage: 'redis-server',
    container: true,
    noPackageOn: [],
    advice: 'redis-server or valkey-server (macOS: brew install redis)',
  },
  pgbouncer: {
    title: 'PgBouncer',
    binaries: ['pgbouncer'],
    debianPackage: 'pgbouncer',
    container: true,
    noPackageOn: [],
    advice: 'pgbouncer (macOS: brew install pgbouncer)',
  },
  nginx: {
    title: 'nginx',
    binaries: ['nginx'],
    debianPackage: 'nginx',
    container: true,
    noPackageOn: [],
    advice: 'nginx (macOS: brew install nginx)',
  },
  chromium: {
    title: 'Chromium',
    variable: 'TEST_CHROMIUM_PATH',
    variableHolds: 'path',
    binaries: ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'],
    debianPackage: 'chromium',
    container: false,
    noPackageOn: ['ubuntu'],
    advice: 'Chromium or Google Chrome (any system: npx playwright-core install --with-deps chromium)',
  },
};
