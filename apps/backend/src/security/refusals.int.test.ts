import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { addColleague, type Person, signUp } from '../testing/factories.ts';
import { problemOf, send } from '../testing/http.ts';
import { ask, connectSocket } from '../testing/sockets.ts';
import { sharedSecrets } from '../testing/two-instances.ts';
import { until } from '../testing/until.ts';

describe('every refusal is in the log, with who, where and why (ASVS 16.3.1, 16.3.2)', () => {
  let app: TestApp;
  let owner: Person;
  let guest: Person;
  let stranger: Person;

  beforeAll(async () => {
    app = await createTestApp({ env: { LOG_LEVEL: 'info' } });
    owner = await signUp(app, 'Ada');
    guest = await addColleague(app, owner, 'GUEST', 'Gus');
    stranger = await signUp(app, 'Mallory');
  });
  afterAll(() => app.close());

  const entries = (from: number) => app.logLines.slice(from).map((line): unknown => JSON.parse(line));
  const find = async (from: number, entry: object) => {
    await until(() => entries(from).some((line) => jestMatches(line, entry)));
  };
  const jestMatches = (line: unknown, entry: object): boolean => {
    try {
      expect(line).toMatchObject(entry);
      return true;
    } catch {
      return false;
    }
  };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const channels = () => `${app.url}/api/v1/orgs/${owner.orgId}/channels`;

  test.each<[string, () => ReturnType<typeof send>, number, string, () => object]>([
    ['no token', () => send(channels()), 401, 'unauthenticated', () => ({})],
    [
      'a forged token',
      () => send(channels(), { headers: bearer(`${owner.accessToken.slice(0, -8)}AAAAAAAA`) }),
      401,
      'unauthenticated',
      () => ({}),
    ],
    [
      'a forged refresh token',
      () => send(`${app.url}/api/v1/auth/refresh`, { json: { refreshToken: 'a.b.c' } }),
      401,
      'session_ended',
      () => ({}),
    ],
    [
      'a role that is too low',
      () => send(channels(), { headers: bearer(guest.accessToken), json: { name: 'mine' } }),
      403,
      'forbidden',
      () => ({ user: guest.user.id, level: 'warn' }),
    ],
    [
      'a foreign organisation',
      () => send(channels(), { headers: bearer(stranger.accessToken) }),
      404,
      'not_found',
      () => ({ user: stranger.user.id }),
    ],
  ])('%s', async (_what, attempt, status, code, who) => {
    const from = app.logLines.length;
    const problem = problemOf(await attempt());
    expect(problem).toMatchObject({ status, code });
    await find(from, {
      msg: 'Request refused',
      code,
      requestId: problem.requestId,
      route: expect.stringContaining('/api/v1/'),
      ip: '127.0.0.1',
      ...who(),
    });
  });

  test('a socket with a wrong token', async () => {
    const from = app.logLines.length;
    await expect(connectSocket(app.url, 'a.b.c')).rejects.toThrow();
    await find(from, { msg: 'Socket refused', code: 'unauthenticated', ip: '127.0.0.1' });
  });

  test('an event about a foreign organisation', async () => {
    const socket = await connectSocket(app.url, stranger.accessToken);
    try {
      const from = app.logLines.length;
      const reply = await ask(socket, 'channel:join', { orgId: owner.orgId, channelId: crypto.randomUUID() });
      expect(reply).toMatchObject({ ok: false, problem: { status: 404 } });
      await find(from, {
        msg: 'Event refused',
        event: 'channel:join',
        code: 'not_found',
        user: stranger.user.id,
        ip: '127.0.0.1',
        requestId: expect.any(String),
      });
    } finally {
      socket.close();
    }
  });
});

describe('in production what is not for everybody is closed until it is opened (ASVS 13.4.5)', () => {
  const TOKEN = sharedSecrets().JWT_SECRET;
  const ADDRESSES = ['/metrics', '/docs', '/openapi.json'];

  const inProduction = async (env: Record<string, string>, ask: (app: TestApp) => Promise<void>) => {
    const app = await createTestApp({
      env: {
        ...sharedSecrets(),
        NODE_ENV: 'production',
        WEB_ORIGIN: 'https://chat.example.com',
        SERVE_WEB: 'false',
        ...env,
      },
    });
    try {
      await ask(app);
    } finally {
      await app.close();
    }
  };

  test('by default there is no such address', () =>
    inProduction({}, async (app) => {
      for (const address of ADDRESSES) {
        const reply = await send(`${app.url}${address}`, { headers: { authorization: 'Bearer undefined' } });
        expect([address, problemOf(reply).code]).toEqual([address, 'not_found']);
      }
    }));

  test('METRICS_TOKEN opens /metrics to whoever shows it, DOCS_ENABLED opens the reference', () =>
    inProduction({ METRICS_TOKEN: TOKEN, DOCS_ENABLED: 'true' }, async (app) => {
      const metrics = (authorization?: string) =>
        send(`${app.url}/metrics`, authorization === undefined ? {} : { headers: { authorization } });
      for (const wrong of [undefined, '', 'Bearer', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, TOKEN]) {
        const reply = await metrics(wrong);
        expect(problemOf(reply).code).toBe('unauthenticated');
        expect(reply.text).not.toContain('http_requests');
      }
      const reply = await metrics(`Bearer ${TOKEN}`);
      expect(reply.status).toBe(200);
      expect(reply.text).toContain('# HELP');
      for (const address of ['/docs', '/openapi.json'])
        expect((await send(`${app.url}${address}`)).status).toBe(200);
    }));
});
