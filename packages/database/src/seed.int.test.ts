import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verify } from '@node-rs/argon2';
import { demoAccounts, SeedError, seedDatabase } from '../../../prisma/seed.ts';
import { deployMigrations } from './migrations.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;
let added: Record<string, number>;
beforeAll(async () => {
  database = await createTestDatabase(deployMigrations);
  added = await seedDatabase(database.url);
});
afterAll(() => database.drop());

/** All rows of all tables. */
async function contents() {
  const tables = await database.execute<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
  );
  const rows: Record<string, unknown[]> = {};
  for (const { name } of tables) {
    rows[name] = await database.execute(`SELECT * FROM ${name} AS t ORDER BY t::text`);
  }
  return rows;
}

test('there is a demo account for each role, and its password is the one that is shown', async () => {
  const roles = await database.execute<{ role: string }>(
    'SELECT role::text FROM users UNION SELECT role::text FROM memberships ORDER BY 1',
  );
  expect(roles.map(({ role }) => role)).toEqual(['ADMIN', 'GUEST', 'MEMBER', 'OWNER', 'SUPER_ADMIN', 'USER']);
  for (const { email, password } of demoAccounts) {
    const [user] = await database.execute<{ password_hash: string }>(
      'SELECT password_hash FROM users WHERE email = $1',
      [email],
    );
    expect(user?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verify(user?.password_hash ?? '', password)).toBe(true);
  }
});

test('every module adds something the first time, and nothing is changed the second time', async () => {
  const before = await contents();
  const again = await seedDatabase(database.url);
  expect(Object.keys(added)).toEqual(expect.arrayContaining(['users', 'organizations']));
  expect(Object.values(added)).not.toContain(0);
  expect(Object.keys(again)).toEqual(Object.keys(added));
  expect(new Set(Object.values(again))).toEqual(new Set([0]));
  expect(await contents()).toEqual(before);
});

test('what somebody changed in the demo data stays changed', async () => {
  await database.execute("UPDATE users SET name = 'Someone Else' WHERE email = $1", [demoAccounts[0]?.email]);
  await database.execute("DELETE FROM memberships WHERE role = 'GUEST'");
  const before = await contents();
  await seedDatabase(database.url);
  expect(await contents()).toEqual(before);
});

test('seeding is refused in production, where everybody would know the password', async () => {
  await expect(seedDatabase(database.url, { environment: 'production' })).rejects.toThrow(SeedError);
});
