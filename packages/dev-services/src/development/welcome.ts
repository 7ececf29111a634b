/** What the screen after the start says. */
export interface Welcome {
  /** Default "Plinth is running." */
  title?: string;
  web: string;
  api: string;
  /** Page that describes the API; unset where it is not served. */
  reference?: string;
  database: string;
  /** Folder with the data; unset for a database of the user's own. */
  dataFolder?: string;
  /** Address without password; unset when there is no Redis. */
  redis?: string;
  accounts: readonly { email: string; password: string; role: string }[];
  /** What is to be done by hand. */
  notes?: readonly string[];
  /** Command that empties this database; unset where there is none. */
  reset?: string;
}

const WIDTH = 12;

/** The screen: what runs where, who can sign in, where the data is, how to stop. */
export function renderWelcome({
  title = 'Plinth is running.',
  web,
  api,
  reference,
  database,
  dataFolder,
  redis,
  accounts,
  notes = [],
  reset,
}: Welcome): string {
  const line = (name: string, text: string) => `  ${name.padEnd(WIDTH)}${text}`;
  const emailWidth = Math.max(0, ...accounts.map(({ email }) => email.length)) + 2;
  const passwords = [...new Set(accounts.map(({ password }) => password))];
  const [password] = passwords;
  const rows = accounts.map(
    (account) =>
      `    ${account.email.padEnd(emailWidth)}${account.role}${passwords.length > 1 ? `, password ${account.password}` : ''}`,
  );
  return [
    '',
    title,
    '',
    line('Web app', web),
    line('API', api),
    ...(reference === undefined ? [] : [line('Reference', reference)]),
    line(
      'PostgreSQL',
      dataFolder === undefined ? `${database} (DATABASE_URL)` : `${database}, data in ${dataFolder}`,
    ),
    line('Redis', redis ?? NO_REDIS[0]),
    ...(redis === undefined ? NO_REDIS.slice(1).map((text) => line('', text)) : []),
    '',
    ...(passwords.length === 1 ? [`  Sign in with the password ${password} as`, ...rows, ''] : []),
    ...(passwords.length > 1 ? ['  Sign in as', ...rows, ''] : []),
    ...notes.flatMap((note) => [`  To do: ${note}`, '']),
    `  Ctrl-C stops everything; the data stays.${reset === undefined ? '' : ` "${reset}" starts over with an empty database.`}`,
    '',
  ].join('\n');
}

/** What is single-process without Redis. */
const NO_REDIS = [
  'none: rate limits, live messages and cache live inside the API process, so run one API only.',
  'Install redis-server or set REDIS_URL to change that.',
] as const;

/** A database or Redis address for people: host, port and name, never the password. */
export function withoutPassword(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname === '/' ? '' : pathname}`;
}
