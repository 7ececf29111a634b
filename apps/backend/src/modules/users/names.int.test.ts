import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts';
import { type Person, signUp, TEST_PASSWORD } from '../../testing/factories.ts';
import { problemOf, send } from '../../testing/http.ts';

let app: TestApp;
let person: Person;
beforeAll(async () => {
  app = await createTestApp();
  person = await signUp(app, 'Ada');
});
afterAll(() => app.close());

const rename = (name: string) => person.api.users.updateMe({ body: { name } });
const found = (name: string) => person.api.organizations.createOrganization({ body: { name } });

describe.each([
  ['a person', rename],
  ['an organisation', found],
])('the name of %s', (_what, store) => {
  test.each([
    'Дмитрий Ёлкин',
    'مُحَمَّد',
    'हिन्दी विभाग',
    '葛\u{e0100}城',
    '👩🏽‍🚀',
    'Jose\u0301',
    '😀'.repeat(80),
  ])('may be written in any script: %s', async (name) => {
    expect((await store(name)).name).toBe(name.normalize('NFC'));
  });

  test.each([
    ...[
      '\u3164',
      '\u2800',
      '\u00ad',
      '\u0301',
      '\u202eada',
      'ada\u2066',
      'two\nlines',
      'two\r\nlines',
      'a\u2028b',
    ],
    ...['Ada\u{13437}', 'Ada\u{1343f}', 'Ada\u{16fe4}', '\ue000', 'Ada\ue000', `A${'\u0316'.repeat(17)}`],
    ...['🏴\u{e0061}\u{e0064}\u{e006d}\u{e0069}\u{e006e}\u{e007f}', '\u{16fe4}', '\u0378'],
    ...['nul\u0000', '\ud800', 'a\u200bb', 'tag\u{e0041}', '', ' \u3000', '😀'.repeat(81)],
  ])('is refused, and the field named, for %j', async (name) => {
    await expect(store(name)).rejects.toMatchObject({
      status: 400,
      problem: { errors: [{ in: 'body', field: 'name' }] },
    });
  });

  test('has single spaces, whatever was typed', async () => {
    expect((await store('\u3000Ada \u00a0 \t Lovelace ')).name).toBe('Ada Lovelace');
  });
});

test('two renames at once wait for each other', async () => {
  const names = Array.from({ length: 8 }, (_, n) => `Ada ${n}`);
  const renamed = await Promise.all(names.map(rename));
  expect(renamed.map(({ name }) => name)).toEqual(names);
});

describe('an email address', () => {
  const body = (email: string) => ({
    email,
    password: TEST_PASSWORD,
    name: 'Ada',
    organizationName: 'Place',
  });

  test('is one whatever the case and the space around it', async () => {
    const { user } = await app.client().auth.signUp({ body: body(' \u00a0Grace.Hopper@Example.COM\r\n') });
    expect(user.email).toBe('grace.hopper@example.com');
    const again = await app.client().auth.login({
      body: { email: 'GRACE.HOPPER@EXAMPLE.com', password: TEST_PASSWORD },
    });
    expect(again.user.id).toBe(user.id);
  });

  test.each([
    '',
    'ada',
    'ada@',
    'a b@example.com',
    'ada@example.com\u0000',
    `${'a'.repeat(250)}@example.com`,
    'ada\ud800@example.com',
  ])('%j is refused, and the field named', async (email) => {
    for (const path of ['sign-up', 'login']) {
      const json = path === 'login' ? { email, password: TEST_PASSWORD } : body(email);
      const problem = problemOf(await send(`${app.url}/api/v1/auth/${path}`, { json }));
      expect(problem.status).toBe(400);
      expect(new Set(problem.errors?.map(({ field }) => field))).toEqual(new Set(['email']));
    }
  });
});
