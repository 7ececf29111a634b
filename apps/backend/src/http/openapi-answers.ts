import { type LimitClass, ORG_ROLES, type RouteContract } from '@plinth/contracts';
import { ERRORS, type ErrorCode } from '../platform/errors.ts';

type Schema = Record<string, unknown>;
type Named = Readonly<Record<string, { readonly $ref: string }>>;

const text = (description: string): Schema => ({ description, schema: { type: 'string' } });
const seconds = (description: string): Schema => ({ description, schema: { type: 'integer', minimum: 0 } });

/** Every header that answers carry for clients to read. */
export const HEADERS = {
  'X-Request-ID': text('Id of this request: quote it when you report something.'),
  'RateLimit-Policy': text('Budgets of this route: name, requests (q) in a window of seconds (w).'),
  RateLimit: text('What is left of the budget (r), and the seconds until it is whole again (t).'),
  'X-RateLimit-Limit': seconds('Requests in one window.'),
  'X-RateLimit-Remaining': seconds('Requests left in this window.'),
  'X-RateLimit-Reset': seconds('When the budget is whole again, in seconds since 1970.'),
  'Retry-After': seconds('Seconds after which trying again makes sense.'),
  'WWW-Authenticate': text('How to sign in: Bearer.'),
  Allow: text('Methods that this address answers.'),
  'Set-Cookie': text(
    'Browsers only: cookies of the session and its CSRF token (named by /auth/browser-cookies), of a known device; set or deleted.',
  ),
  'Clear-Site-Data': text('Browsers only: what they forget of this origin.'),
} as const;
type HeaderName = keyof typeof HEADERS;

const named = (names: readonly HeaderName[]): Named =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const BUDGET = [
  'RateLimit-Policy',
  'RateLimit',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
] as const;

/** Headers of every answer of a route of this class. */
export const headersFor = (limit: LimitClass): Named =>
  named(['X-Request-ID', ...(limit === 'none' ? [] : BUDGET)]);

/** Headers of a success besides. */
export const sessionHeaders = ({ session }: RouteContract): Named =>
  named([
    ...(session ? (['Set-Cookie'] as const) : []),
    ...(session === 'ends' ? (['Clear-Site-Data'] as const) : []),
  ]);

/** What an error says in its headers besides. */
const EXTRA: Partial<Readonly<Record<ErrorCode, HeaderName>>> = {
  unauthenticated: 'WWW-Authenticate',
  session_ended: 'WWW-Authenticate',
  // A page that has lost its CSRF token gets it back.
  csrf_failed: 'Set-Cookie',
  rate_limited: 'Retry-After',
  unavailable: 'Retry-After',
  not_ready: 'Retry-After',
};

/** Every refusal that a route can answer: what its declaration implies, and what it adds itself. */
export function errorCodesOf({ access, params, body, limit = 'general', errors = [] }: RouteContract) {
  const codes = new Set<ErrorCode>(['malformed', 'invalid_input', ...errors]);
  if (access !== 'public') codes.add('unauthenticated').add('session_ended');
  if (typeof access === 'object') {
    const everyMember = 'orgRoles' in access && ORG_ROLES.every((role) => access.orgRoles.includes(role));
    if (!everyMember) codes.add('forbidden');
  }
  if (params) codes.add('not_found');
  if (body) codes.add('payload_too_large').add('unsupported_media_type');
  if (limit !== 'none') codes.add('rate_limited');
  // Counting, tokens and input all lead to a store that may be away.
  if (limit !== 'none' || access !== 'public') codes.add('unavailable');
  return codes;
}

const pascal = (code: string): string =>
  code.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());

const problem = (status: number | undefined, codes: readonly ErrorCode[]): Schema => ({
  description: codes.length > 0 ? codes.map((code) => ERRORS[code].title).join(', or: ') : 'Any other error',
  headers: {
    // Every refusal is counted, also where no limit is declared.
    ...headersFor('general'),
    ...named(codes.length === 0 ? ['Allow'] : codes.flatMap((code) => EXTRA[code] ?? [])),
  },
  content: {
    'application/problem+json': {
      schema: {
        $ref: '#/components/schemas/Problem',
        ...(status !== undefined && { properties: { status: { const: status }, code: { enum: codes } } }),
      },
    },
  },
});

/** Collects the answers that routes share: each is described once and referred to by name. */
export function sharedAnswers() {
  const responses: Record<string, Schema> = {};
  const share = (status: number | undefined, codes: readonly ErrorCode[]) => {
    const name = codes.map(pascal).join('Or') || 'Other';
    responses[name] ??= problem(status, codes);
    return { $ref: `#/components/responses/${name}` };
  };
  return {
    responses,
    /** The error answers of a route, by status; `default` is what can befall any request. */
    errorsOf(route: RouteContract): Record<string, { $ref: string }> {
      const byStatus = new Map<number, ErrorCode[]>();
      for (const code of errorCodesOf(route)) {
        const { status } = ERRORS[code];
        byStatus.set(status, [...(byStatus.get(status) ?? []), code].sort());
      }
      return {
        ...Object.fromEntries([...byStatus].map(([status, codes]) => [status, share(status, codes)])),
        default: share(undefined, []),
      };
    },
  };
}
