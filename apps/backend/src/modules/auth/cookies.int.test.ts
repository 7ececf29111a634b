import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts';
import { TEST_PASSWORD } from '../../testing/factories.ts';
import { cookiesOf, problemOf, send } from '../../testing/http.ts';
import { sharedSecrets } from '../../testing/two-instances.ts';

const PRODUCTION = {
  NODE_ENV: 'production',
  WEB_ORIGIN: 'https://chat.example.com',
  SERVE_WEB: 'false',
  ...sharedSecrets(),
};
let app: TestApp;

beforeAll(async () => {
  app = await createTestApp({ env: PRODUCTION });
});
afterAll(() => app.close());

const browserSignUp = async () => {
  const reply = await send(`${app.url}/api/v1/auth/sign-up`, {
    json: {
      email: `b-${crypto.randomUUID()}@example.com`,
      password: TEST_PASSWORD,
      name: 'Browser',
      organizationName: 'Web',
      refreshTokenIn: 'cookie',
    },
  });
  const cookies = cookiesOf(reply.headers);
  const refresh = cookies.get('__Host-refresh');
  const csrf = cookies.get('__Host-csrf');
  if (!refresh || !csrf) throw new Error(`Cookies missing: ${[...cookies.keys()]}`);
  return { reply, refresh, csrf, header: `__Host-refresh=${refresh.value}; __Host-csrf=${csrf.value}` };
};
const post = (path: string, headers: Record<string, string>) =>
  send(`${app.url}/api/v1/auth/${path}`, { json: {}, headers });

describe('for a browser the refresh token', () => {
  test('is in an HttpOnly, Secure, SameSite=Strict __Host- cookie and nowhere in the body', async () => {
    const { reply, refresh, csrf } = await browserSignUp();
    for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict'])
      expect(refresh.attributes).toContain(attribute);
    expect(csrf.attributes).not.toContain('HttpOnly');
    expect(csrf.attributes).toContain('Secure');
    expect(reply.json()).not.toHaveProperty('refreshToken');
    expect(reply.text).not.toContain(refresh.value);
  });

  test('that has lost its CSRF token gets it back with the refusal, and works again', async () => {
    const { header, csrf } = await browserSignUp();
    const refused = await post('refresh', { cookie: header.split(';')[0] ?? '' });
    expect(problemOf(refused)).toMatchObject({ status: 403, code: 'csrf_failed' });
    const again = cookiesOf(refused.headers);
    expect([...again.keys()]).toEqual(['__Host-csrf']);
    expect(again.get('__Host-csrf')?.value).toBe(csrf.value);
    expect(refused.text).not.toContain(csrf.value);
    expect((await post('refresh', { cookie: header, 'x-csrf-token': csrf.value })).status).toBe(200);
  });

  test('works only with the CSRF token of its own session', async () => {
    const mine = await browserSignUp();
    const other = await browserSignUp();
    for (const headers of [{}, { 'x-csrf-token': 'guess' }, { 'x-csrf-token': other.csrf.value }]) {
      for (const path of ['refresh', 'logout']) {
        const reply = await post(path, { cookie: mine.header, ...headers });
        expect(problemOf(reply)).toMatchObject({ status: 403, code: 'csrf_failed' });
      }
    }
    expect((await post('refresh', { cookie: mine.header, 'x-csrf-token': mine.csrf.value })).status).toBe(
      200,
    );
  });

  test('is replaced in the cookie at every use, and the CSRF token stays', async () => {
    const { header, refresh, csrf } = await browserSignUp();
    const reply = await post('refresh', { cookie: header, 'x-csrf-token': csrf.value });
    const cookies = cookiesOf(reply.headers);
    expect(cookies.get('__Host-refresh')?.value).not.toBe(refresh.value);
    expect(cookies.get('__Host-csrf')?.value).toBe(csrf.value);
  });

  test('is deleted at sign-out, and the browser is told to forget the rest', async () => {
    const { header, csrf } = await browserSignUp();
    const reply = await post('logout', { cookie: header, 'x-csrf-token': csrf.value });
    expect(reply.status).toBe(204);
    // Never "cookies": that clears those of all applications on the registrable domain.
    expect(reply.headers.get('clear-site-data')).toBe('"cache", "storage"');
    const deleted = cookiesOf(reply.headers);
    expect([...deleted.keys()].sort()).toEqual(['__Host-csrf', '__Host-refresh']);
    for (const { value, attributes } of deleted.values()) {
      expect(value).toBe('');
      // A browser deletes a __Host- cookie only by one with the same attributes.
      expect(attributes).toMatch(/^Max-Age=0; Path=\/; (HttpOnly; )?Secure; SameSite=Strict$/);
    }
    expect((await post('refresh', { cookie: header, 'x-csrf-token': csrf.value })).status).toBe(401);
  });
});

describe('signing out', () => {
  const meOf = async (accessToken: string) =>
    (await send(`${app.url}/api/v1/users/me`, { headers: { authorization: `Bearer ${accessToken}` } }))
      .status;
  const tokenOf = ({ reply }: Awaited<ReturnType<typeof browserSignUp>>) =>
    (reply.json() as { accessToken: string }).accessToken;

  test('without a CSRF token is proved by the access token of the same session', async () => {
    const person = await browserSignUp();
    const accessToken = tokenOf(person);
    const cookie = person.header.split(';')[0] ?? '';
    const reply = await post('logout', { cookie, authorization: `Bearer ${accessToken}` });
    expect(reply.status).toBe(204);
    expect(cookiesOf(reply.headers).get('__Host-refresh')?.value).toBe('');
    expect(await meOf(accessToken)).toBe(401);
    const refresh = await post('refresh', { cookie: person.header, 'x-csrf-token': person.csrf.value });
    expect(refresh.status).toBe(401);
  });

  test('without any cookie ends the session of the access token', async () => {
    const person = await browserSignUp();
    const accessToken = tokenOf(person);
    expect((await post('logout', { authorization: `Bearer ${accessToken}` })).status).toBe(204);
    expect(await meOf(accessToken)).toBe(401);
    expect((await post('logout', { authorization: `Bearer ${accessToken}` })).status).toBe(204);
  });

  test("is not proved by the access token of another session, and ends nobody's", async () => {
    const [person, other] = [await browserSignUp(), await browserSignUp()];
    const reply = await post('logout', {
      cookie: person.header,
      authorization: `Bearer ${tokenOf(other)}`,
    });
    expect(problemOf(reply)).toMatchObject({ status: 403, code: 'csrf_failed' });
    expect([await meOf(tokenOf(person)), await meOf(tokenOf(other))]).toEqual([200, 200]);
  });
});

test('a page is told the names of the cookies of the instance that serves it', async () => {
  const reply = await send(`${app.url}/api/v1/auth/browser-cookies`);
  expect(reply.json()).toEqual({ csrf: '__Host-csrf', secure: true });
});
