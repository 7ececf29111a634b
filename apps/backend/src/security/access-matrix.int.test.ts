import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Access, contracts, type RouteContract, routePath } from '@plinth/contracts';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { addColleague, signUp } from '../testing/factories.ts';
import { problemOf, send } from '../testing/http.ts';

// Every route of the contracts for every kind of caller (ASVS 8.2.1, 8.4.1). What is expected comes from the
// declared access alone, so a new route is covered by being declared.

const ACTORS = ['nobody', 'broken token', 'stranger', 'GUEST', 'MEMBER', 'ADMIN', 'OWNER'] as const;
type Actor = (typeof ACTORS)[number];

let app: TestApp;
let orgId: string;
const tokens = new Map<Actor, string>();

beforeAll(async () => {
  app = await createTestApp();
  const owner = await signUp(app, 'Olga');
  orgId = owner.orgId;
  tokens.set('OWNER', owner.accessToken);
  for (const role of ['ADMIN', 'MEMBER', 'GUEST'] as const)
    tokens.set(role, (await addColleague(app, owner, role, role)).accessToken);
  tokens.set('stranger', (await signUp(app, 'Mallory')).accessToken);
  // The signature is the last part; one changed character of it must be enough.
  tokens.set(
    'broken token',
    owner.accessToken.replace(/.(.)$/, (end) => (end.startsWith('A') ? 'B' : 'A') + end.slice(1)),
  );
});
afterAll(() => app.close());

/** The status by which a caller without the right is turned away; undefined for one who has it. */
function refusalOf(access: Exclude<Access, 'public'>, actor: Actor): number | undefined {
  if (actor === 'nobody' || actor === 'broken token') return 401;
  if (access === 'authenticated') return undefined;
  if ('roles' in access) return 403;
  if (actor === 'stranger') return 404;
  return access.orgRoles.some((role) => role === actor) ? undefined : 403;
}

/** No body at all: who may call the route is decided before anybody looks at the input. */
const call = (route: RouteContract, actor: Actor) => {
  const token = tokens.get(actor);
  const path = routePath(route).replaceAll(/:(\w+)/g, (_, name) => (name === 'orgId' ? orgId : randomUUID()));
  return send(`${app.url}${path}`, {
    method: route.method.toUpperCase(),
    ...(token && { headers: { authorization: `Bearer ${token}` } }),
  });
};

const LAST = ['leaveOrganization', 'logout'];
const routes = Object.values(contracts)
  .flatMap((contract) => Object.entries(contract as Record<string, RouteContract>))
  // Leaving takes the caller's right away, signing out the session whose token is sent: they come last.
  .sort(([a], [b]) => LAST.indexOf(a) - LAST.indexOf(b));

const isGuarded = (access: Access): access is Exclude<Access, 'public'> => access !== 'public';

describe.each(routes)('%s', (_name, route) => {
  const { access } = route;
  if (isGuarded(access)) {
    test.each(ACTORS)('for %s', async (actor) => {
      const reply = await call(route, actor);
      const refusal = refusalOf(access, actor);
      if (refusal !== undefined) expect(problemOf(reply).status).toBe(refusal);
      else expect([401, 403, 500]).not.toContain(reply.status);
    });
  } else {
    test('looks at no access token, since it is public', async () => {
      const { status } = await call(route, 'nobody');
      expect(status).toBeLessThan(500);
      for (const actor of ACTORS) expect([actor, (await call(route, actor)).status]).toEqual([actor, status]);
    });
  }
});
