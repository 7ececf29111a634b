/** Several instances of the product in one browser: cookies know no ports (RFC 6265, section 8.5). */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type BuiltApp, startBuiltApp } from '../../backend/src/testing/built-app.ts';
import { accountButton, createAccount, signIn, startBrowser, type TestBrowser } from './browser.ts';

let browser: TestBrowser;
let other: BuiltApp;
beforeAll(async () => {
  browser = await startBrowser();
  const database = new URL(process.env.TEST_DATABASE_URL ?? '');
  // The same data, but another address and other secrets: as a second clone beside the first one.
  database.pathname = `/${process.env.TEST_TEMPLATE_DATABASE}`;
  other = await startBuiltApp({ databaseUrl: database.href, worker: false });
});
afterAll(async () => {
  await browser?.close();
  await other?.close();
});

test('two instances on one host do not sign each other out, at a reload or when one is left', async () => {
  const account = await createAccount('Ida');
  const person = await browser.newPerson();
  const first = person.page;
  const second = await person.newTab();
  await first.goto('/sign-in');
  await second.goto(`${other.url}/sign-in`);
  for (const page of [first, second]) {
    await signIn(page, account);
    await accountButton(page, 'Ida').waitFor();
  }
  // Twice: each reload renews the session with the cookie that the one before has set.
  for (const page of [first, second, first, second]) {
    await page.reload();
    await accountButton(page, 'Ida').waitFor();
  }
  await accountButton(first, 'Ida').click();
  await first.getByRole('menuitem', { name: 'Sign out' }).click();
  await first.getByRole('heading', { name: 'Sign in' }).waitFor();
  await second.reload();
  await accountButton(second, 'Ida').waitFor();
  await first.reload();
  await first.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(person.problems).toEqual([]);
});
