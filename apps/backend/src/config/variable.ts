import { DatabaseUrlError, parseDatabaseUrl, readTlsFiles } from '@plinth/database/url';
import { z } from 'zod';
import { parseRate } from './rate.ts';

/** One environment variable: how it is read and what a person needs to know about it. */
export interface Variable<T extends z.ZodType = z.ZodType> {
  readonly section: string;
  readonly doc: string;
  readonly schema: T;
  /** Used when the variable is unset or empty. A function gets the environment's name. */
  readonly fallback?: string | ((nodeEnv: string) => string | undefined);
  /** May be left unset although it has no fallback. */
  readonly optional?: true;
  /** What to do when it is missing or wrong. */
  readonly remedy?: string;
  /** Shown in `.env.example` for a variable that has no fallback. */
  readonly example?: string;
}

export const text = z.string();
/** Shown in an error: whole, unless somebody has put a book into a variable. Never of a secret. */
export const quoted = (value: unknown): string => `"${String(value).slice(0, 80)}"`;
export const flag = z.stringbool({ error: ({ input }) => `must be true or false; it is ${quoted(input)}` });
export const oneOf = <const T extends readonly string[]>(...values: T) =>
  z.enum(values, { error: ({ input }) => `must be one of ${values.join(', ')}; it is ${quoted(input)}` });
/** Digits alone: what Number() takes besides (0x10, 1e3, blanks) is a slip of the pen here. */
export const integer = (min: number, max: number) =>
  z
    .string()
    .refine((value) => /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max, {
      error: ({ input }) => `must be a whole number from ${min} to ${max}; it is ${quoted(input)}`,
    })
    .transform(Number);
/** What is wrong with an origin, if anything. */
export function originFault(value: string): string | undefined {
  if (value === '*' || value.includes('*')) return 'must name exact origins; * is refused';
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol))
    return `must be an origin such as https://chat.example.com; it is ${quoted(value)}`;
  const { origin } = new URL(value);
  return origin === value
    ? undefined
    : `must be an origin: scheme, host and port, without a path or a slash at the end. Write ${origin}`;
}
export const origin = z.string().superRefine((value, ctx) => {
  const fault = originFault(value);
  if (fault) ctx.addIssue(fault);
});
export const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);
export const rate = z.string().transform((value, ctx) => {
  const parsed = parseRate(value);
  if (parsed) return parsed;
  ctx.addIssue('must be written like 60/minute or 10/5 minutes');
  return z.NEVER;
});
/** Never repeats the address: it may hold a password. */
export const urlOf = (...protocols: string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}; special characters in a password are percent-encoded`,
  });
export const databaseUrl = z.string().superRefine((value, ctx) => {
  try {
    readTlsFiles(parseDatabaseUrl(value).tls);
  } catch (error) {
    if (!(error instanceof DatabaseUrlError)) throw error;
    ctx.addIssue(`cannot be used: ${error.message.replace(/\.$/, '')}`);
  }
});
export const redisUrl = urlOf('redis:', 'rediss:').superRefine((value, ctx) => {
  if (!URL.canParse(value)) return;
  const { hostname, pathname, search, hash, username, password } = new URL(value);
  if (hostname === '') ctx.addIssue('names no host');
  if (!/^\/?\d{0,5}$/.test(pathname))
    ctx.addIssue('must end with the number of a database, as in redis://host:6379/0, or with the port');
  if (search !== '' || hash !== '')
    ctx.addIssue('takes no parameters; in a password write ? as %3F and # as %23');
  if (/%(?![\da-f]{2})/i.test(username + password))
    ctx.addIssue('has a password that is not percent-encoded: write % as %25');
});
/** `https://<public key>@<host>/<project>`, see https://docs.sentry.io/concepts/key-terms/dsn-explainer/ */
export const sentryDsn = urlOf('http:', 'https:').superRefine((value, ctx) => {
  if (!URL.canParse(value)) return;
  const { username, pathname } = new URL(value);
  if (username === '' || !/\/\d+$/.test(pathname))
    ctx.addIssue('must be written like https://<public key>@<host>/<project number>');
});
export const otlpEndpoint = urlOf('http:', 'https:').superRefine((value, ctx) => {
  if (!URL.canParse(value)) return;
  const { search, hash, username } = new URL(value);
  if (search !== '' || hash !== '' || username !== '')
    ctx.addIssue('must be the base address of a collector, without parameters or credentials');
});

export const SECRET_REMEDY = 'Make one with: openssl rand -base64 48';
export const secret = text.min(32, 'must have at least 32 characters');

export const variable = <T extends z.ZodType>(definition: Variable<T>): Variable<T> => definition;
