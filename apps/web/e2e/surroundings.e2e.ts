/** The page in other surroundings than its tests: a deployment under it, plain http, other tabs and people. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Account,
  accountButton,
  createAccount,
  signIn,
  startBrowser,
  type TestBrowser,
} from './browser.ts';

const PLAIN_HOST = 'plinth.test';
let browser: TestBrowser;
beforeAll(async () => {
  browser = await startBrowser(`--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`);
});
afterEach(() => browser.forget());
afterAll(() => browser.close());

const createChannel = ({ client, orgId }: Account, name: string) =>
  client.channels.createChannel({ params: { orgId }, body: { name } });

describe('a tab from before a deployment', () => {
  /** Only the library of the live connection is loaded later. */
  const LATER = /\/assets\/esm-.*\.js$/;

  test('loads the page again, once, when the part that it needs is gone', async () => {
    const ada = await createAccount('Ada');
    await createChannel(ada, 'general');
    const { page } = await browser.newPerson();
    let asked = 0;
    await page.route(LATER, (route) => {
      asked += 1;
      return asked === 1 ? route.fulfill({ status: 404 }) : route.continue();
    });
    let loads = 0;
    page.on('load', () => {
      loads += 1;
    });
    await page.goto('/sign-in');
    const connected = page.waitForEvent('websocket');
    await signIn(page, ada);
    await connected;
    await page.getByRole('heading', { name: 'general', exact: true }).waitFor();
    expect([loads, asked]).toEqual([2, 2]);
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  test('says so and stops when the part stays away, instead of asking for ever', async () => {
    const ada = await createAccount('Ada');
    await createChannel(ada, 'general');
    const { page } = await browser.newPerson();
    let asked = 0;
    await page.route(LATER, (route) => {
      asked += 1;
      return route.fulfill({ status: 404 });
    });
    await page.clock.install();
    await page.goto('/sign-in');
    await signIn(page, ada);
    await page.getByText('A part of this page is missing on the server').waitFor();
    // Long after an interruption is worth a word: no "Reconnecting…", for that would promise what cannot come.
    await page.clock.runFor(20_000);
    expect(asked).toBe(2);
    expect(await page.getByText('Reconnecting…').count()).toBe(0);
    await page.unroute(LATER);
    const connected = page.waitForEvent('websocket');
    await page.getByRole('button', { name: 'Load again' }).click();
    await connected;
  });
});

describe('over plain http under a name that is not localhost', () => {
  test('one is told what becomes of the sign-in, and can write all the same', async () => {
    const ada = await createAccount('Ada');
    await createChannel(ada, 'general');
    const { page } = await browser.newPerson();
    const { port } = new URL(process.env.TEST_BASE_URL ?? '');
    await page.goto(`http://${PLAIN_HOST}:${port}/sign-in`);
    expect(await page.evaluate(() => isSecureContext)).toBe(false);
    await page.getByText('open its address with https://').waitFor();
    await signIn(page, ada);
    await page.getByText('loading this page again signs you out').waitFor();
    await page.getByRole('textbox', { name: 'Message #general' }).fill('from plain http');
    await page.keyboard.press('Enter');
    await page
      .getByRole('listitem')
      .filter({ hasText: 'from plain http' })
      .getByRole('button', { name: /^Delete/ })
      .waitFor({ state: 'attached' });
  });
});

describe('somebody who comes back', () => {
  test('lands on the channel and in the organisation looked at last, also after signing out', async () => {
    const ada = await createAccount('Ada');
    await createChannel(ada, 'alpha');
    const second = await ada.client.organizations.createOrganization({ body: { name: 'Zeta' } });
    for (const name of ['first', 'later']) {
      await ada.client.channels.createChannel({ params: { orgId: second.id }, body: { name } });
    }
    const { page } = await browser.newPerson();
    await page.goto(`/o/${second.id}`);
    await signIn(page, ada);
    await page.getByRole('link', { name: 'later' }).click();
    await page.getByRole('heading', { name: 'later', exact: true }).waitFor();
    await page.goto('/');
    await page.getByRole('heading', { name: 'later', exact: true }).waitFor();

    await accountButton(page, 'Ada').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(page, ada);
    await page.getByRole('heading', { name: 'later', exact: true }).waitFor();
  });
});
