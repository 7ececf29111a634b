/** Names and texts that are written from right to left, or try to turn what stands around them. */
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
beforeAll(async () => {
  browser = await startBrowser();
});
afterEach(() => browser.forget());
afterAll(() => browser.close());

const PERSON = 'שרה לוי';
const ORGANIZATION = 'חברת הבנייה';
const EMPTY = 'ארגון ריק';
const CHANNEL = 'כללי';
const isolated = (name: string) => `\u2068${name}\u2069`;

/** An account whose names are all Hebrew, with a channel and a message. */
const createHebrew = async (): Promise<Account & { readonly path: string }> => {
  const account = await createAccount('Sarah');
  await account.client.users.updateMe({ body: { name: PERSON } });
  const { id: orgId } = await account.client.organizations.createOrganization({
    body: { name: ORGANIZATION },
  });
  const channel = await account.client.channels.createChannel({
    params: { orgId },
    body: { name: CHANNEL, topic: 'על הכול, גם English' },
  });
  await account.client.messages.postMessage({
    params: { orgId, channelId: channel.id },
    body: { body: 'שלום! ראו https://example.org/a?b=1 (חשוב)', clientId: crypto.randomUUID() },
  });
  return { ...account, orgId, path: `/o/${orgId}/c/${channel.id}` };
};

/** Text on the page with one of these names in it that is not isolated from what stands beside it. */
const loose = (page: Page, names: readonly string[]) =>
  page.evaluate((all) => {
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent ?? '';
      const name = all.find((one) => text.includes(one));
      if (name === undefined || node.parentElement?.closest('bdi, [dir]')) continue;
      if (!text.includes(`\u2068${name}\u2069`)) found.push(text);
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) {
      for (const attribute of ['aria-label', 'title', 'placeholder', 'alt']) {
        const text = element.getAttribute(attribute) ?? '';
        const name = all.find((one) => text.includes(one));
        if (name !== undefined && !text.includes(`\u2068${name}\u2069`)) found.push(`${attribute}: ${text}`);
      }
    }
    return found;
  }, names);

const NAMES = [PERSON, ORGANIZATION, CHANNEL];
const composerOf = (page: Page) => page.getByRole('textbox', { name: `Message #${isolated(CHANNEL)}` });

describe('a name that is written from right to left', () => {
  test('does not turn what stands around it, wherever it shows', async () => {
    const sarah = await createHebrew();
    const { page, problems } = await browser.newPerson();
    await page.goto(sarah.path);
    await signIn(page, sarah);
    await composerOf(page).waitFor();
    await page.getByText('שלום!').waitFor();
    expect(await page.title()).toBe(`#${isolated(CHANNEL)} · ${isolated(ORGANIZATION)} · Plinth`);
    expect(await composerOf(page).getAttribute('placeholder')).toBe(`Message #${isolated(CHANNEL)}`);
    expect(await loose(page, NAMES)).toEqual([]);

    await page.getByRole('listitem').filter({ hasText: 'שלום' }).hover();
    await page.getByRole('button', { name: `Delete message from ${isolated(PERSON)}` }).click();
    await page.getByRole('dialog').waitFor();
    expect(await loose(page, NAMES)).toEqual([]);
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: `Organisation ${isolated(ORGANIZATION)}, switch` }).click();
    await page.getByRole('menu').waitFor();
    expect(await loose(page, NAMES)).toEqual([]);
    await page.keyboard.press('Escape');
    await accountButton(page, isolated(PERSON)).click();
    await page.getByRole('menu').waitFor();
    expect(await loose(page, NAMES)).toEqual([]);
    await page.keyboard.press('Escape');

    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByText('(you)').waitFor();
    expect(await page.title()).toBe(`Members · ${isolated(ORGANIZATION)} · Plinth`);
    expect(await loose(page, NAMES)).toEqual([]);

    const { id } = await sarah.client.organizations.createOrganization({
      body: { name: EMPTY },
    });
    await page.goto(`/o/${id}`);
    await page.getByText('No channels yet').first().waitFor();
    expect(await loose(page, [EMPTY, PERSON])).toEqual([]);
    expect(problems).toEqual([]);
  });

  test('is typed in its own direction, and the text of a message has its own, its addresses theirs', async () => {
    const sarah = await createHebrew();
    const { page } = await browser.newPerson();
    await page.goto(sarah.path);
    await signIn(page, sarah);
    await page.getByText('שלום!').waitFor();
    const directionOf = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => getComputedStyle(element).direction);
    expect(await directionOf('li .whitespace-pre-wrap')).toBe('rtl');
    expect(await directionOf('li .whitespace-pre-wrap a')).toBe('ltr');
    expect(await directionOf('header p')).toBe('rtl');
    await composerOf(page).fill('שלום');
    expect(await directionOf('form textarea')).toBe('rtl');

    await page.getByRole('button', { name: 'New channel' }).click();
    for (const field of ['Name', 'Topic (optional)']) {
      await page.getByRole('dialog').getByLabel(field).fill(CHANNEL);
    }
    expect(await directionOf('dialog input[name=name]')).toBe('rtl');
    expect(await directionOf('dialog input[name=topic]')).toBe('rtl');
  });
});

describe('an invitation with names from right to left', () => {
  test('shows them isolated to who is invited, in the list and in the question', async () => {
    const [sarah, bob] = await Promise.all([createHebrew(), createAccount('Bob')]);
    await sarah.client.invitations.inviteMember({
      params: { orgId: sarah.orgId },
      body: { email: bob.email },
    });
    const { page } = await browser.newPerson();
    await page.goto('/invitations');
    await signIn(page, bob);
    await page.getByRole('button', { name: `Accept the invitation to ${isolated(ORGANIZATION)}` }).waitFor();
    expect(await loose(page, NAMES)).toEqual([]);
    await page.getByRole('button', { name: /^Decline/ }).click();
    await page.getByRole('dialog').waitFor();
    expect(await loose(page, NAMES)).toEqual([]);

    const hers = await browser.newPerson();
    await hers.page.goto(`/o/${sarah.orgId}/members`);
    await signIn(hers.page, sarah);
    await hers.page.getByText('Invited as member by').waitFor();
    expect(await loose(hers.page, NAMES)).toEqual([]);
    await hers.page.getByRole('button', { name: /, switch$/ }).click();
    await hers.page.getByRole('menuitem', { name: /^Leave/ }).click();
    await hers.page.getByRole('dialog').waitFor();
    expect(await loose(hers.page, NAMES)).toEqual([]);
    await hers.page.keyboard.press('Escape');
    await hers.page.getByRole('button', { name: 'New channel' }).click();
    await hers.page.getByRole('dialog').getByLabel('Name').fill(CHANNEL);
    await hers.page.getByRole('button', { name: 'Create channel' }).click();
    await hers.page.getByText('Taken: choose another name').waitFor();
    expect(await loose(hers.page, NAMES)).toEqual([]);
  });
});

describe('a name with a character that turns the direction of writing', () => {
  test('from before such names were refused, is shown without it everywhere', async () => {
    const eve = await createAccount('Eve');
    const channel = await eve.client.channels.createChannel({
      params: { orgId: eve.orgId },
      body: { name: 'general' },
    });
    await eve.client.messages.postMessage({
      params: { orgId: eve.orgId, channelId: channel.id },
      body: { body: 'hello', clientId: crypto.randomUUID() },
    });
    const { page } = await browser.newPerson();
    // Every name in every answer, as it may have been stored once.
    await page.route('**/api/v1/**', async (route) => {
      const reply = await route.fetch();
      const body = await reply.text();
      await route.fulfill({ response: reply, body: body.replaceAll(/"name":"/g, '"name":"\u202e') });
    });
    await page.goto(`/o/${eve.orgId}/c/${channel.id}`);
    await signIn(page, eve);
    await page.getByText('hello').waitFor();
    const whole = () => page.evaluate(() => document.title + document.documentElement.outerHTML);
    expect(await whole()).not.toContain('\u202e');
    await accountButton(page, 'Eve').click();
    await page.getByRole('menu').waitFor();
    expect(await whole()).not.toContain('\u202e');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /, switch$/ }).click();
    await page.getByRole('menu').waitFor();
    expect(await whole()).not.toContain('\u202e');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByText('(you)').waitFor();
    expect(await whole()).not.toContain('\u202e');
  });
});
