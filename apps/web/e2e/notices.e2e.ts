/** What a page says when something is wrong: one thing at a time, once, and the same everywhere. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createTeam, open, withCuttableSocket } from '../src/features/messages/team.e2e-support.ts';
import { createAccount, joinOrganization, signIn, startBrowser, type TestBrowser } from './browser.ts';

let browser: TestBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterEach(() => browser.forget());
afterAll(() => browser.close());

/** Everything with a voice that one can see on the page. */
const voices = (page: Page) =>
  page.locator('[role=alert], [role=status]').evaluateAll((all) =>
    all
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 1)
      .map((one) => one.textContent?.trim() ?? '')
      .filter((text) => text !== ''),
  );

const WRITING = 'You are offline. What you write is kept and sent when the connection is back.';
const READING = 'You are offline. What you see is brought up to date when the connection is back.';

describe('without a connection', () => {
  test('every page says it once, in words that are right for it, and mends itself afterwards', async () => {
    const team = await createTeam();
    const { page, context } = await browser.newPerson();
    await open(page, team.path, team.ada);
    await page.getByRole('textbox', { name: 'Message #general' }).waitFor();
    await context.setOffline(true);
    await page.getByText(WRITING).waitFor();
    expect(await voices(page)).toEqual([WRITING]);

    // Never looked at before: nothing of it is here.
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByText(READING).waitFor();
    await page.getByText('This appears when the connection is back.').first().waitFor();
    expect(await voices(page)).toEqual([READING]);
    expect(await page.getByText('cannot be reached').count()).toBe(0);

    await context.setOffline(false);
    await page.getByText('(you)').waitFor();
    await page.getByText('Nobody is invited at the moment.').waitFor();
    expect(await voices(page)).toEqual([]);
  });

  test('what was loaded before stays, without another word beside the notice', async () => {
    const team = await createTeam();
    const { page, context } = await browser.newPerson();
    await page.goto(`/o/${team.ada.orgId}/members`);
    await signIn(page, team.ada);
    await page.getByText('(you)').waitFor();
    await context.setOffline(true);
    await page.getByText(READING).waitFor();
    // Reads again what it has, after a change that failed, and cannot.
    const failed = page.waitForEvent('requestfailed', (request) => request.method() === 'GET');
    await page.getByRole('combobox', { name: 'Role of Bob' }).selectOption('Admin');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Change role' }).click();
    await failed;
    await dialog.getByText('cannot be reached').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await voices(page)).toEqual([READING]);
    expect(await page.getByText('(you)').count()).toBe(1);
  });
});

describe('a service that is away', () => {
  test('is one notice on each page, however many of its parts cannot be read', async () => {
    const team = await createTeam();
    const { page } = await browser.newPerson();
    const socket = await withCuttableSocket(page);
    await open(page, team.path, team.ada);
    await page.route('**/api/v1/**', (route) => route.abort());
    await socket.cut();
    await page.getByText('Reconnecting… New messages appear').waitFor();
    expect(await voices(page)).toHaveLength(1);
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByText('Reconnecting… What you see is brought up to date').waitFor();
    await page.getByText('This appears when the connection is back.').first().waitFor();
    expect(await voices(page)).toHaveLength(1);

    await page.unroute('**/api/v1/**');
    socket.restore();
    await page.getByText('(you)').waitFor();
    await page.getByText('Reconnecting…').waitFor({ state: 'detached' });
    expect(await voices(page)).toEqual([]);
  });

  test('with the connection still there is said by the part concerned, once, and not again at each attempt', async () => {
    const ada = await createAccount('Ada');
    const { page } = await browser.newPerson();
    let refused = 0;
    await page.route('**/api/v1/orgs/*/members*', (route) => {
      refused += 1;
      return route.fulfill({
        status: 500,
        contentType: 'application/problem+json',
        json: {
          type: 'about:blank',
          title: 'Internal error',
          status: 500,
          detail: 'Something went wrong here.',
          code: 'internal',
          requestId: `request-${refused}`,
        },
      });
    });
    await page.goto(`/o/${ada.orgId}/members`);
    await signIn(page, ada);
    await page.getByRole('alert').getByText('Something went wrong here.').waitFor();
    expect(await voices(page)).toHaveLength(1);
    // Counts what a screen reader would read: new alerts, and changed words in one. The number of a request is none.
    await page.evaluate(() => {
      const announced: string[] = [];
      Object.assign(window, { announced });
      const alertOf = (node: Node) =>
        (node instanceof Element ? node : node.parentElement)?.closest('[role=alert]');
      new MutationObserver((changes) => {
        for (const { target, addedNodes } of changes) {
          for (const node of [target, ...addedNodes]) {
            const element = node instanceof Element ? node : node.parentElement;
            if (element?.closest('[aria-live=off]')) continue;
            const alert =
              alertOf(node) ?? (node instanceof Element ? node.querySelector('[role=alert]') : null);
            if (alert) announced.push(alert.textContent ?? '');
          }
        }
      }).observe(document.body, { childList: true, subtree: true, characterData: true });
    });
    // As when the tab is looked at again and again: three more answers, each shown before the next question.
    const enough = refused + 3;
    for (;;) {
      const isShown =
        (await page.getByText('Request id: ').textContent()) === `Request id: request-${refused}`;
      if (isShown && refused >= enough) break;
      if (isShown)
        await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await page.evaluate(() => Reflect.get(window, 'announced'))).toEqual([]);
  });
});

describe('a message that is refused', () => {
  test('is told once, not by its line, which comes and goes with scrolling', async () => {
    const team = await createTeam();
    const { page } = await browser.newPerson();
    await open(page, team.path, team.ada);
    await page.route('**/messages', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({
            status: 403,
            contentType: 'application/problem+json',
            json: { type: 'about:blank', title: 'No', status: 403, detail: 'Closed.', code: 'forbidden' },
          })
        : route.continue(),
    );
    await page.getByRole('textbox', { name: 'Message #general' }).fill('too late');
    await page.keyboard.press('Enter');
    await page.getByRole('listitem').getByText('Not sent. Closed.').waitFor();
    expect(await page.locator('li [role=alert]').count()).toBe(0);
    expect(await page.getByRole('alert').allTextContents()).toEqual([
      'A message was refused. It stands in the list with the reason.',
    ]);
    // What was refused before the page was opened is no news.
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByText('(you)').waitFor();
    await page.getByRole('link', { name: 'general' }).click();
    await page.getByText('Not sent. Closed.').waitFor();
    expect(await page.getByRole('alert').allTextContents()).toEqual(['']);
  });
});

describe('what arrives late', () => {
  test('does not take away a dialog that somebody fills in', async () => {
    const [ada, bob] = await Promise.all([createAccount('Ada'), createAccount('Bob')]);
    await joinOrganization(ada, bob);
    const { page } = await browser.newPerson();
    const connected = page.waitForEvent('websocket');
    await page.goto(`/o/${ada.orgId}`);
    await signIn(page, ada);
    await connected;
    await page.getByRole('button', { name: 'Create the first one' }).click();
    const name = page.getByRole('dialog').getByLabel('Name');
    await name.fill('my-plans');
    await bob.client.channels.createChannel({ params: { orgId: ada.orgId }, body: { name: 'faster' } });
    await page.getByRole('link', { name: 'faster', includeHidden: true }).waitFor({ state: 'attached' });
    expect(await name.inputValue()).toBe('my-plans');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'faster', exact: true }).waitFor();
  });

  test('does not close the drawer of a phone', async () => {
    const ada = await createAccount('Ada');
    await ada.client.channels.createChannel({ params: { orgId: ada.orgId }, body: { name: 'general' } });
    const { page } = await browser.newPerson({ viewport: { width: 390, height: 844 } });
    const arrive = Promise.withResolvers<void>();
    await page.route(/\/channels(\?|$)/, async (route) => {
      await arrive.promise;
      await route.continue();
    });
    await page.goto('/sign-in');
    await signIn(page, ada);
    await page.getByRole('button', { name: 'Open navigation' }).click();
    await page.getByRole('link', { name: 'Members' }).click({ trial: true });
    arrive.resolve();
    await page.locator('h1', { hasText: 'general' }).waitFor({ state: 'attached' });
    expect(await page.evaluate(() => document.activeElement?.closest('#side-bar') !== null)).toBe(true);
    // The page that is open already closes it all the same.
    await page.getByRole('link', { name: 'general' }).click();
    await page.locator('#side-bar').waitFor({ state: 'hidden' });
  });
});
