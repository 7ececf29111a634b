import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { contracts, type RouteContract, routePath } from '@plinth/contracts';
import { openApiDocument } from '../http/openapi.ts';
import { createTestApp, type TestApp } from '../testing/create-test-app.ts';
import { addColleague, type Person, signUp } from '../testing/factories.ts';
import { problemOf, send } from '../testing/http.ts';
import { type FieldSchema, sampleOf, violationsOf } from '../testing/samples.ts';

type Values = Record<string, unknown>;
interface Inputs {
  readonly params: Values;
  readonly query: Values;
  readonly body: Values;
}
interface Described {
  readonly parameters: readonly { name: string; in: string; schema: FieldSchema }[];
  readonly requestBody?: { content: { 'application/json': { schema: FieldSchema } } };
  readonly responses: Values;
}

let app: TestApp;
let owner: Person;
let colleague: Person;
let params: Record<string, string>;
let document: { paths: Record<string, Record<string, Described>> };

const routes = Object.values(contracts).flatMap((contract) =>
  Object.entries(contract as Record<string, RouteContract>),
);
/** Those that take a body or a query. */
const taking = routes.filter(([, { body, query }]) => body ?? query);

beforeAll(async () => {
  app = await createTestApp();
  document = JSON.parse(JSON.stringify(openApiDocument(app.composition.modules, { version: '1.0.0' })));
  owner = await signUp(app);
  colleague = await addColleague(app, owner);
});
afterAll(() => app.close());
beforeEach(async () => {
  const inOrg = { orgId: owner.orgId };
  const { id: channelId } = await owner.api.channels.createChannel({
    params: inOrg,
    body: { name: `c${randomUUID()}` },
  });
  const { id: messageId } = await owner.api.messages.postMessage({
    params: { ...inOrg, channelId },
    body: { body: 'hello', clientId: randomUUID() },
  });
  params = { ...inOrg, channelId, messageId, userId: colleague.user.id };
});

const describedOf = (route: RouteContract): Described => {
  const found = document.paths[routePath(route).replaceAll(/:(\w+)/g, '{$1}')]?.[route.method];
  if (!found) throw new Error(`${route.method} ${route.path} is not described.`);
  return found;
};
/** The schema of each field of one part of a request, by name. */
function fieldsOf(route: RouteContract, part: keyof Inputs): [string, FieldSchema][] {
  const { requestBody, parameters } = describedOf(route);
  if (part === 'body')
    return Object.entries(requestBody?.content['application/json'].schema.properties ?? {});
  const where = part === 'params' ? 'path' : 'query';
  return parameters.filter((one) => one.in === where).map(({ name, schema }) => [name, schema]);
}

/** A request that the route takes. A cursor and a token are made by the server: none can be made up. */
function goodInputs(route: RouteContract): Inputs {
  const sample = (part: 'query' | 'body') =>
    Object.fromEntries(
      fieldsOf(route, part)
        .filter(([name]) => name !== 'cursor' && name !== 'refreshToken')
        .map(([name, schema]) => [name, sampleOf(schema)]),
    );
  return { params, query: sample('query'), body: sample('body') };
}

/** As a segment of a path, also what no text encoder would write. */
const encoded = (value: unknown): string => encodeURIComponent(String(value).toWellFormed());

function ask(route: RouteContract, inputs: Inputs, json = JSON.stringify(inputs.body)) {
  const path = routePath(route).replaceAll(/:(\w+)/g, (_, name: string) => encoded(inputs.params[name]));
  const query = Object.entries(inputs.query).map(([name, value]) => `${name}=${encoded(value)}`);
  return send(`${app.url}${path}${query.length > 0 ? `?${query.join('&')}` : ''}`, {
    method: route.method.toUpperCase(),
    headers: {
      ...(route.access !== 'public' && { authorization: `Bearer ${owner.accessToken}` }),
      ...(route.body && { 'content-type': 'application/json' }),
    },
    ...(route.body && { body: json }),
  });
}

/** The document tells clients which answers to expect: one that is not there is a fault of either. */
const isListed = (route: RouteContract, status: number): boolean =>
  String(status) in describedOf(route).responses;

/** Number of rows of every table but the outbox, which empties itself. */
async function countRows(): Promise<Record<string, number>> {
  const [row] = await app.platform.database.query<{ counts: Record<string, number> }>(
    `SELECT jsonb_object_agg(table_name, (xpath('/row/n/text()', query_to_xml(
       format('SELECT count(*) AS n FROM %I', table_name), false, true, '')))[1]::text::int) AS counts
     FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name <> 'outbox_events'`,
    [],
  );
  return row?.counts ?? {};
}

/** Answers to credentials and people that are made up: their form is fine, and nothing else. */
const UNKNOWN: Readonly<Record<string, number>> = { login: 401, refresh: 401 };

/** In an address everything is text, and a list of one looks like the one. */
const inAddress = ({ type }: FieldSchema, why: string): boolean =>
  type === 'string' ? ['too long', 'wrong characters'].includes(why) : why !== 'list';

describe('each route that takes input', () => {
  test('takes what its description allows', async () => {
    expect(taking.length).toBeGreaterThan(12);
    for (const [name, route] of taking) {
      const { status } = await ask(route, goodInputs(route));
      expect([name, status, isListed(route, status)]).toEqual([name, expect.any(Number), true]);
      expect([name, status]).toEqual([name, UNKNOWN[name] ?? route.status]);
    }
  });

  test('refuses each field that is not as described, names it, and changes nothing (ASVS 2.2.1)', async () => {
    const before = await countRows();
    expect(Object.keys(before).length).toBeGreaterThan(6);
    let tried = 0;
    for (const [name, route] of taking) {
      const good = goodInputs(route);
      for (const part of ['query', 'body'] as const)
        for (const [field, schema] of fieldsOf(route, part))
          for (const [why, value] of violationsOf(schema)) {
            if (part === 'query' && !inAddress(schema, why)) continue;
            const problem = problemOf(
              await ask(route, { ...good, [part]: { ...good[part], [field]: value } }),
            );
            const named = problem.errors?.map((error) => `${error.in} ${error.field.split('.')[0]}`);
            expect([name, field, why, problem.status, [...new Set(named)]]).toEqual([
              name,
              field,
              why,
              400,
              [`${part} ${field}`],
            ]);
            tried += 1;
          }
    }
    expect(tried).toBeGreaterThan(100);
    expect(await countRows()).toEqual(before);
  });

  test('refuses a missing field, one that it does not know, and a body that is no object', async () => {
    const before = await countRows();
    for (const [name, route] of taking) {
      const good = goodInputs(route);
      const part = route.body ? 'body' : 'query';
      const strange = { ...good, [part]: { ...good[part], unknown: '1' } };
      expect([name, problemOf(await ask(route, strange)).status]).toEqual([name, 400]);
      for (const field of describedOf(route).requestBody?.content['application/json'].schema.required ?? []) {
        const { [field]: _, ...rest } = good.body;
        expect([name, field, problemOf(await ask(route, { ...good, body: rest })).status]).toEqual([
          name,
          field,
          400,
        ]);
      }
      if (route.body)
        for (const json of [
          '[]',
          '"x"',
          '1',
          'null',
          '{',
          '{"name":1e309}',
          '\u0000',
          '{"__proto__":{"a":1}}',
        ])
          expect([name, json, problemOf(await ask(route, good, json)).status]).toEqual([name, json, 400]);
    }
    expect(await countRows()).toEqual(before);
  });
});

const HOSTILE: readonly string[] = [
  "' OR 1=1 --",
  "'; DROP TABLE users; --",
  "1); DELETE FROM messages WHERE ('1'='1",
  '$$',
  '$1',
  '"',
  '\\',
  '%',
  '_%',
  '\u0000',
  '%00',
  '../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  '<script>alert(1)</script>',
  `\${jndi:ldap://127.0.0.1:9/a}`,
  '{{7*7}}',
  '; sleep 9',
  '\r\nX-Injected: 1',
  '\ud800',
  '\u202eevil',
  '__proto__',
  'constructor',
  '1e309',
  '-1',
  'NaN',
  'x'.repeat(20_000),
];

describe('hostile text (ASVS 1.2.4)', () => {
  /** Sends each value in each field of one part, and gives back how often that was answered by 2xx. */
  async function attack(part: keyof Inputs): Promise<number> {
    let tried = 0;
    let stored = 0;
    for (const [name, route] of routes) {
      const fields = fieldsOf(route, part).filter(
        ([, { type, enum: listed }]) => type !== undefined && !listed,
      );
      for (const [field] of fields)
        for (const value of part === 'body' ? HOSTILE : HOSTILE.map((one) => one.slice(0, 2000))) {
          const good = goodInputs(route);
          const { status, headers, text } = await ask(route, {
            ...good,
            [part]: { ...good[part], [field]: value },
          });
          expect([name, field, value, status, status < 500]).toEqual([name, field, value, status, true]);
          expect([name, field, value, isListed(route, status)]).toEqual([name, field, value, true]);
          expect(headers.has('x-injected')).toBe(false);
          expect(text).not.toMatch(/syntax error|prisma|SELECT |node_modules/i);
          tried += 1;
          if (status < 300) stored += 1;
        }
    }
    expect(tried).toBeGreaterThan(100);
    return stored;
  }

  test.each(['params', 'query'] as const)('in %s finds nothing and changes nothing', async (part) => {
    const before = await countRows();
    expect(await attack(part)).toBe(0);
    expect(await countRows()).toEqual(before);
  });

  test('in a body is refused, or stored as the text that it is', async () => {
    const before = await countRows();
    const stored = await attack('body');
    expect(stored).toBeGreaterThan(20);
    const after = await countRows();
    // Nothing is lost, and what came is what was answered: no value made two rows out of one.
    for (const [table, count] of Object.entries(before))
      expect([table, (after[table] ?? -1) >= count]).toEqual([table, true]);
    for (const table of ['users', 'organizations', 'channels', 'messages', 'memberships'])
      expect([table, (after[table] ?? 0) - (before[table] ?? 0) <= stored]).toEqual([table, true]);
    const body = "'; DROP TABLE users; -- $1 <script>";
    const message = await owner.api.messages.postMessage({
      params: { orgId: owner.orgId, channelId: params.channelId ?? '' },
      body: { body, clientId: randomUUID() },
    });
    expect(message.body).toBe(body);
  });
});
