/** What every dialog, menu and mark of the app has in common. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import {
  type Account,
  accountButton,
  createAccount,
  signIn,
  startBrowser,
  type TestBrowser,
} from './browser.ts';

let browser: TestBrowser;
let ada: Account;
beforeAll(async () => {
  browser = await startBrowser();
  ada = await createAccount('Ada');
  for (const name of ['Anvil', 'Zeppelin']) {
    await ada.client.organizations.createOrganization({ body: { name } });
  }
});
afterEach(() => browser.forget());
afterAll(() => browser.close());

const focused = (page: Page) =>
  page.evaluate(
    () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent,
  );

const openMembers = async (page: Page) => {
  await page.goto(`/o/${ada.orgId}/members`);
  await signIn(page, ada);
  await page.getByRole('heading', { name: 'Members' }).waitFor();
};

describe('a menu', () => {
  test('takes the focus, follows arrow keys, Home, End and letters, and gives the focus back', async () => {
    const { page, problems } = await browser.newPerson();
    await openMembers(page);
    const button = page.getByRole('button', { name: /, switch$/ });
    await button.focus();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('menu').waitFor();
    const names = (await page.getByRole('menu').locator('[role^=menuitem]').allTextContents()).map((text) =>
      text.trim(),
    );
    expect(names).toEqual(expect.arrayContaining(['Anvil', 'Zeppelin', 'New organisation']));
    expect(await focused(page)).toBe(names[0]);
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toBe(names[1]);
    await page.keyboard.press('End');
    expect(await focused(page)).toBe('New organisation');
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toBe(names[0]);
    await page.keyboard.press('Home');
    await page.keyboard.press('z');
    expect(await focused(page)).toBe('Zeppelin');
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('ArrowUp');
    expect(await focused(page)).toBe('New organisation');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'New organisation' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(problems).toEqual([]);
  });
});

/** How a link of the side bar is marked, and whether what the mark is made of survives forced colours. */
const markOf = (page: Page, name: string) =>
  page.getByRole('link', { name, exact: true }).evaluate((link) => {
    const { borderLeftStyle, borderLeftWidth, borderLeftColor } = getComputedStyle(link, '::before');
    const drawn = borderLeftStyle === 'solid' && Number.parseFloat(borderLeftWidth) > 0;
    return drawn && borderLeftColor !== getComputedStyle(link).backgroundColor;
  });

describe('with forced colours', () => {
  test('the page one is on, buttons, menus and the focus are still told apart by more than colour', async () => {
    const channels = await Promise.all(
      ['here', 'there'].map((name) =>
        ada.client.channels.createChannel({ params: { orgId: ada.orgId }, body: { name } }),
      ),
    );
    const { page } = await browser.newPerson({ forcedColors: 'active' });
    await page.goto(`/o/${ada.orgId}/c/${channels[0]?.id}`);
    await signIn(page, ada);
    await page.getByRole('heading', { name: 'here', exact: true }).waitFor();
    expect(await markOf(page, 'here')).toBe(true);
    expect(await markOf(page, 'there')).toBe(false);

    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByRole('heading', { name: 'Members' }).waitFor();
    expect([await markOf(page, 'Members'), await markOf(page, 'here')]).toEqual([true, false]);
    const border = await page
      .getByRole('button', { name: 'Invite a member' })
      .evaluate((button) => getComputedStyle(button).borderTopStyle);
    expect(border).toBe('solid');

    await accountButton(page, 'Ada').click();
    const outline = await page
      .getByRole('menuitem', { name: 'Sign out' })
      .evaluate((item) => getComputedStyle(item).outlineStyle);
    expect(outline).toBe('solid');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+Tab');
    const ring = await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement ?? document.body);
      return [outlineStyle, outlineWidth];
    });
    expect(ring).toEqual(['solid', '2px']);
  });
});
