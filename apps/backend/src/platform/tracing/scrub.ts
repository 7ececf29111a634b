/** Stands where a secret stood. */
export const REDACTED = '[redacted]';

const SECRET_KEY =
  /pass(?:word|wd|phrase|code)|pwd|secret|token|authori[sz]ation|cookie|csrf|api-?key|private-?key|credential|signature/i;

/** Whether a value of this name is never sent. Underscores and hyphens make no difference. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key.replaceAll('_', '-'));
}

/** Credentials of HTTP authentication, wherever they turn up; the lookahead spares words such as "basic checks". */
const HTTP_CREDENTIALS =
  /\b([Bb]earer|[Bb]asic|[Dd]igest|DPoP)\s+(?:(?=[a-z.]*[A-Z0-9~+/=_-])[\w.~+/=-]{6,}|[a-z.]{16,})/g;
/** JSON Web Tokens: the first two parts are base64url of `{"…`. */
const JWT = /\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)*/g;
/** Passwords inside of addresses such as postgresql://user:password@host. */
const URL_PASSWORD = /(:\/\/[^\s:@/]*:)[^\s@/]+@/g;
/** Parameters of an address whose names are harmless anywhere else. */
const URL_PARAMETER = /(^|[?&])(key|code|sig|otp|auth|state)=[^&\s"']+/gi;
/** `name=value`, `"name":"value"` and `name: 'value'`. */
const PAIR = /([\w-]{2,64})(["']?\s*(?:=|:\s*(?=["']))\s*["']?)([^\s&"',;}\]]+)/g;
/** PostgreSQL repeats the value that it could not read. */
const SQL_VALUE = /((?:invalid input (?:syntax|value) for|malformed|out of range)[^:"\n]*: )"[^"\n]*"/g;

/** What every one of the patterns above needs: most texts have none of it and are done with one look. */
const SUSPECT = /[=:]|eyJ|[Bb]earer|[Bb]asic|[Dd]igest|DPoP/;

/** Takes the secrets out of a text: credentials, tokens, and the values of parameters with a telling name. */
export function scrubText(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return text
    .replace(HTTP_CREDENTIALS, `$1 ${REDACTED}`)
    .replace(JWT, REDACTED)
    .replace(URL_PASSWORD, `$1${REDACTED}@`)
    .replace(URL_PARAMETER, `$1$2=${REDACTED}`)
    .replace(SQL_VALUE, `$1"${REDACTED}"`)
    .replace(PAIR, (whole, key: string, between: string) =>
      isSecretKey(key) ? `${key}${between}${REDACTED}` : whole,
    );
}

/** Deeper parts of an event are cut off, which also ends cycles. */
const MAX_DEPTH = 12;

/** A copy without secrets: values of telling keys are replaced, all texts are scrubbed. */
export function scrub(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[cut]';
  if (Array.isArray(value)) return value.map((item) => scrub(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSecretKey(key) ? REDACTED : scrub(item, depth + 1)]),
  );
}

const SQL_TEXT = /'(?:[^']|'')*'|\$([A-Za-z_]*)\$[\s\S]*?\$\1\$/g;
/** Numbers that are values: not part of a name and not a placeholder such as $1. */
const SQL_NUMBER = /(?<![\w$.])\d+(?:\.\d+)?(?![\w.])/g;

/** A statement with a question mark for each literal value; placeholders stay. */
export function scrubSql(statement: string): string {
  return statement.replace(SQL_TEXT, '?').replace(SQL_NUMBER, '?');
}

/** A Redis command with the namespace of its key only: keys are made of ids, addresses and hashes. */
export function redisStatement(command: string, args: readonly unknown[]): string {
  const key = args[0];
  const namespace = typeof key === 'string' ? /^[a-z][\w-]{0,30}(?=:)/i.exec(key)?.[0] : undefined;
  return namespace ? `${command} ${namespace}:?` : command;
}
