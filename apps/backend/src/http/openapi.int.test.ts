/** The headers that real answers carry, and those that the description of the API promises, are the same. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CSRF_HEADER } from '@plinth/contracts';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { TEST_PASSWORD } from '../testing/factories.ts';
import { cookiesOf, send } from '../testing/http.ts';
import { HEADERS } from './openapi-answers.ts';

type Reply = Awaited<ReturnType<typeof send>>;
interface Answer {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
}
interface Described {
  readonly paths: Record<
    string,
    Record<string, { parameters: { name: string; in: string }[]; responses: Record<string, Answer> }>
  >;
  readonly components: { readonly responses: Record<string, Answer> };
}

let app: TestApp;
let described: Described;
beforeAll(async () => {
  app = await createTestApp({ env: { RATE_LIMIT_AUTH: '2/hour' } });
  described = (await send(`${app.url}/openapi.json`)).json() as Described;
});
afterAll(() => app.close());

const api = (path: string) => `${app.url}/api/v1${path}`;

/** What clients read headers for, as far as an answer has them. */
const carried = (reply: Reply): string[] =>
  Object.keys(HEADERS)
    .filter((name) => reply.headers.has(name))
    .sort();

function promised(path: string, status: number, method = 'post'): string[] {
  const responses = described.paths[`/api/v1${path}`]?.[method]?.responses ?? {};
  const answer = responses[status] ?? responses.default;
  const name = answer?.$ref?.split('/').at(-1) ?? '';
  return Object.keys((described.components.responses[name] ?? answer)?.headers ?? {}).sort();
}

const account = () => ({
  email: `o-${crypto.randomUUID()}@example.com`,
  password: TEST_PASSWORD,
  name: 'Olga',
  organizationName: 'Open',
  refreshTokenIn: 'cookie',
});

test('of a session in cookies: sign-up, sign-in, refresh and sign-out, with and without the CSRF token', async () => {
  const person = account();
  const signUp = await send(api('/auth/sign-up'), { json: person });
  const { email, password, refreshTokenIn } = person;
  const login = await send(api('/auth/login'), { json: { email, password, refreshTokenIn } });
  const cookies = cookiesOf(login.headers);
  const cookie = [...cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
  const named = (await send(api('/auth/browser-cookies'))).json() as { csrf: string };
  const proof = { [CSRF_HEADER]: cookies.get(named.csrf)?.value ?? '' };

  const refused = await send(api('/auth/refresh'), { json: {}, headers: { cookie } });
  const refresh = await send(api('/auth/refresh'), { json: {}, headers: { cookie, ...proof } });
  const again = [...cookiesOf(refresh.headers)].map(([name, { value }]) => `${name}=${value}`).join('; ');
  const logout = await send(api('/auth/logout'), { json: {}, headers: { cookie: again, ...proof } });

  const answers: [string, Reply, number][] = [
    ['/auth/sign-up', signUp, 201],
    ['/auth/login', login, 200],
    ['/auth/refresh', refused, 403],
    ['/auth/refresh', refresh, 200],
    ['/auth/logout', logout, 204],
  ];
  for (const [path, reply, status] of answers) {
    expect([path, reply.status, carried(reply)]).toEqual([path, status, promised(path, status)]);
    expect(carried(reply)).toEqual(expect.arrayContaining(['Set-Cookie', 'RateLimit', 'RateLimit-Policy']));
  }
  expect(carried(logout)).toContain('Clear-Site-Data');
});

test('the CSRF token is a parameter where cookies are taken, and nowhere else', () => {
  const asking = Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.values(methods).flatMap(({ parameters }) =>
      parameters.some((one) => one.in === 'header' && one.name === CSRF_HEADER) ? [path] : [],
    ),
  );
  expect(asking.sort()).toEqual(['/api/v1/auth/logout', '/api/v1/auth/refresh']);
});

test('of refusals: no token, too many attempts, a method that is not known', async () => {
  const unknown = await send(api('/users/me'));
  expect([unknown.status, carried(unknown)]).toEqual([401, promised('/users/me', 401, 'get')]);

  const replies = await Promise.all(
    Array.from({ length: 4 }, () => send(api('/auth/sign-up'), { json: account() })),
  );
  const limited = replies.find(({ status }) => status === 429);
  if (!limited) throw new Error(`Nobody was limited: ${replies.map(({ status }) => status)}`);
  expect(carried(limited)).toEqual(promised('/auth/sign-up', 429));
  expect(carried(limited)).toContain('Retry-After');

  const method = await send(api('/auth/login'), { method: 'PUT' });
  expect(method.status).toBe(405);
  expect(promised('/auth/login', 405)).toEqual(expect.arrayContaining(carried(method)));
  expect(carried(method)).toContain('Allow');
});
