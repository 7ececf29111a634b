/** The app as its developers see it: `npm run dev`, StrictMode, hot reload. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import {
  accountButton,
  createAccount,
  type Person,
  signIn,
  startBrowser,
  type TestBrowser,
} from './browser.ts';
import { startDevelopment } from './dev-copy.ts';

/** Ends with the test, or earlier when what is asked for is there. */
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 50));
};
const textOf = async (url: string) => (await fetch(url)).text();

let development: Awaited<ReturnType<typeof startDevelopment>>;
let browser: TestBrowser;
let person: Person;
let page: Page;

beforeAll(async () => {
  browser = await startBrowser();
  development = await startDevelopment();
  person = await browser.newPerson({ baseURL: development.web });
  page = person.page;
  await page.goto('/sign-in');
  await page.getByRole('button', { name: /owner of Acme/ }).click();
  await page.getByRole('heading', { name: 'general', exact: true }).waitFor();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await development?.close();
}, 60_000);

/** A dialog that closes by itself cannot be filled in, and one that is not closed by Escape stays. */
const fillAndClose = async (name: string, field: string) => {
  const dialog = page.getByRole('dialog', { name });
  await dialog.getByLabel(field).fill('something');
  expect(await dialog.getByLabel(field).inputValue()).toBe('something');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
};

describe('in development', () => {
  test('every demo account is one click away', async () => {
    const other = await browser.newPerson({ baseURL: development.web });
    await other.page.goto('/sign-in');
    expect(await other.page.locator('input[name=email]:focus').count()).toBe(1);
    expect(await other.page.getByRole('complementary').getByRole('button').count()).toBe(7);
    await other.page.getByRole('button', { name: /guest of Acme/ }).click();
    await other.page.getByText('You are a guest here').waitFor();
    expect(other.problems).toEqual([]);
  });

  test('every dialog and menu opens, stays, and closes when asked to', async () => {
    await page.getByRole('button', { name: 'New channel' }).click();
    await fillAndClose('New channel', 'Name');
    await page.getByRole('button', { name: /, switch$/ }).click();
    await page.getByRole('menuitem', { name: 'New organisation' }).click();
    await fillAndClose('New organisation', 'Name');
    await page.getByRole('button', { name: /^Account of / }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /, switch$/ }).click();
    await page.getByRole('menuitem', { name: /^Leave/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stay' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByRole('heading', { name: 'Members' }).waitFor();
    await page.getByRole('button', { name: 'Invite a member' }).click();
    await fillAndClose('Invite a member', 'Email');
    const question = page.getByRole('button', { name: 'Remove Gus Lindqvist' });
    await question.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await question.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  test('signing in and out of `npm start` on the same machine changes nothing here', async () => {
    const account = await createAccount('Nina');
    const built = await person.newTab();
    await built.goto(`${process.env.TEST_BASE_URL}/sign-in`);
    await signIn(built, account);
    await accountButton(built, 'Nina').waitFor();
    for (const tab of [page, built, page, built]) {
      await tab.reload();
      await tab.getByRole('button', { name: /^Account of / }).waitFor();
    }
    await accountButton(built, 'Nina').click();
    await built.getByRole('menuitem', { name: 'Sign out' }).click();
    await built.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: /^Account of / }).waitFor();
    await built.close();
  });

  test('a message is posted and can be changed and deleted', async () => {
    await page.getByRole('link', { name: 'random' }).click();
    await page.getByRole('textbox', { name: 'Message #random' }).fill('from development');
    await page.keyboard.press('Enter');
    const row = page.getByRole('listitem').filter({ hasText: 'from development' });
    await row.hover();
    await row.getByRole('button', { name: /^Delete/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await row.waitFor({ state: 'detached' });
  });

  test('a change of a page shows without loading it again', async () => {
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByText('Everybody in Acme.').waitFor();
    await page.evaluate(() => document.documentElement.setAttribute('data-same-page', ''));
    await development.edit(
      'apps/web/src/features/organizations/members-page.tsx',
      'Everybody in',
      'Everyone of',
    );
    await page.getByText('Everyone of Acme.').waitFor();
    expect(await page.locator('html[data-same-page]').count()).toBe(1);
    expect(person.problems).toEqual([]);
  });

  test('a change of the API and one of a contract take effect by themselves', async () => {
    await development.edit('packages/contracts/src/health.ts', 'Name and version of', 'What is known of');
    await until(async () => (await textOf(`${development.api}/openapi.json`)).includes('What is known of'));
    await development.edit('apps/backend/src/platform/errors.ts', 'There is no such ', 'Nobody knows this ');
    await until(async () =>
      (await textOf(`${development.api}/api/v1/nowhere`)).includes('Nobody knows this '),
    );
    // The page is still that person's, after the API was started anew twice.
    await page.reload();
    await page.getByText('Everyone of Acme.').waitFor();
  });
});
