import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { contracts, type RouteContract, routePath } from '@plinth/contracts';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { type Person, signUp } from '../testing/factories.ts';
import { problemOf, send } from '../testing/http.ts';

let app: TestApp;
let person: Person;
let channelId: string;

beforeAll(async () => {
  app = await createTestApp();
  person = await signUp(app);
  const params = { orgId: person.orgId };
  channelId = (await person.api.channels.createChannel({ params, body: { name: 'general' } })).id;
});
afterAll(() => app.close());

const routes = Object.values(contracts).flatMap((contract) =>
  Object.entries(contract as Record<string, RouteContract>),
);
const pathOf = (route: RouteContract) =>
  routePath(route).replaceAll(
    /:(\w+)/g,
    (_, name) => ({ orgId: person.orgId, channelId, userId: person.user.id })[name as string] ?? randomUUID(),
  );
const signedIn = () => ({ authorization: `Bearer ${person.accessToken}` });

/** One number for the content of every table. */
async function fingerprint(): Promise<string> {
  const tables = await app.platform.database.query<{ name: string }>(
    `SELECT format('%I', table_name) AS name FROM information_schema.tables
     WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name`,
    [],
  );
  const digests = await Promise.all(
    tables.map(async ({ name }) => {
      const rows = await app.platform.database.query<{ digest: string }>(
        `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS digest FROM ${name} t`,
        [],
      );
      return `${name}: ${rows[0]?.digest}`;
    }),
  );
  return digests.join('\n');
}

describe('a request that only asks', () => {
  const asking = routes.filter(([, { method }]) => method === 'get');

  test('changes nothing, whichever route it goes to (ASVS 3.5.3)', async () => {
    const before = await fingerprint();
    expect(before.split('\n').length).toBeGreaterThan(6);
    for (const [, route] of asking)
      for (const headers of [{}, signedIn()])
        for (const method of ['GET', 'HEAD']) await send(`${app.url}${pathOf(route)}`, { method, headers });
    expect(await fingerprint()).toBe(before);
  });

  test('shows no password hash, token or internal column (ASVS 15.3.1)', async () => {
    for (const [name, route] of asking) {
      const { text } = await send(`${app.url}${pathOf(route)}`, { headers: signedIn() });
      expect([name, /password|\$argon2|refreshToken|secret|disabledAt/i.test(text)]).toEqual([name, false]);
    }
  });
});

describe('a route with a body', () => {
  const taking = routes.filter(([, { body }]) => body !== undefined);

  test('reads nothing that a form of another site could send without asking (ASVS 3.5.2)', async () => {
    const before = await fingerprint();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      for (const [name, route] of taking) {
        const reply = await send(`${app.url}${pathOf(route)}`, {
          method: route.method.toUpperCase(),
          headers: { ...signedIn(), 'content-type': type },
          body: '{"name":"x"}',
        });
        expect([name, type, problemOf(reply).status]).toEqual([name, type, 415]);
      }
    expect(await fingerprint()).toBe(before);
  });

  test('refuses fields that would give more than was asked for (ASVS 15.3.3)', async () => {
    const before = await fingerprint();
    const extra = { role: 'SUPER_ADMIN', isAdmin: true, id: randomUUID(), orgId: randomUUID() };
    for (const [name, route] of taking) {
      const reply = await send(`${app.url}${pathOf(route)}`, {
        method: route.method.toUpperCase(),
        headers: signedIn(),
        json: extra,
      });
      expect([name, problemOf(reply).status]).toEqual([name, 400]);
    }
    expect(await fingerprint()).toBe(before);
  });
});

test.each([
  '/.git/config',
  '/.env',
  '/package.json',
  '/src/main.ts',
  '/..%2f..%2fetc/passwd',
  '/server-status',
])('nothing of the server itself is served: %s (ASVS 13.4.1)', async (path) => {
  expect((await send(`${app.url}${path}`)).status).toBe(404);
});
