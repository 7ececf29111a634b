import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts';
import { TEST_PASSWORD } from '../../testing/factories.ts';
import { cookiesOf, problemOf, send } from '../../testing/http.ts';

const PRODUCTION = {
  NODE_ENV: 'production',
  WEB_ORIGIN: 'https://chat.example.com',
  SERVE_WEB: 'false',
  JWT_SECRET: 'k3J9x-qP0zVb7LmN2sWd8RtY5uHfGc1A',
  JWT_REFRESH_SECRET: 'Zr6Tn-4MwEo9XjQv1KyBs8CpLd3UaHi7',
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
    expect(reply.headers.get('clear-site-data')).toBe('"cache", "cookies", "storage"');
    expect(cookiesOf(reply.headers).get('__Host-refresh')).toMatchObject({
      value: '',
      attributes: expect.stringContaining('Max-Age=0'),
    });
    expect((await post('refresh', { cookie: header, 'x-csrf-token': csrf.value })).status).toBe(401);
  });
});
