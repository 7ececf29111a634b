import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  accountButton,
  createAccount,
  newEmail,
  PASSWORD,
  PHONE,
  signIn,
  startBrowser,
  type TestBrowser,
  unnamedControls,
} from '../../../e2e/browser.ts';

let browser: TestBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterEach(() => browser.forget());
afterAll(() => browser.close());

describe('signing up', () => {
  test('makes an account with an organisation and opens it', async () => {
    const { page, problems } = await browser.newPerson();
    await page.goto('/');
    await page.getByRole('link', { name: 'Create an account' }).click();
    await page.getByLabel('Your name').fill('Ada Lovelace');
    await page.getByLabel('Organisation').fill('Analytical Engines');
    await page.getByLabel('Email').fill(newEmail('ada'));
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    await accountButton(page, 'Ada Lovelace').waitFor();
    await page.getByRole('button', { name: 'Organisation Analytical Engines, switch' }).waitFor();
    expect(problems).toEqual([]);
  });

  test('shows what is wrong beside each field and puts the focus into the first', async () => {
    const { page } = await browser.newPerson();
    await page.goto('/sign-up');
    await page.getByLabel('Your name').fill('Ada');
    await page.getByLabel('Email').fill('no address');
    await page.getByLabel('Password', { exact: true }).fill('short');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('Please fill this in.').waitFor();
    const wrong = page.locator('[aria-invalid=true]');
    const labels = await wrong.evaluateAll((fields) =>
      fields.map((field) => (field as HTMLInputElement).labels?.[0]?.textContent),
    );
    expect(labels).toEqual(['Organisation', 'Email', 'Password']);
    const described = await wrong.first().evaluate((field) => {
      const notes = (field.getAttribute('aria-describedby') ?? '').split(' ');
      const texts = notes.map((id) => document.getElementById(id)?.textContent);
      return { texts, focused: document.activeElement === field };
    });
    // The error stands beside the hint, which says how to put it right.
    expect(described).toEqual({
      texts: ['Please fill this in.', 'Your team or company. You can add people to it later.'],
      focused: true,
    });
  });
});

describe('signing in', () => {
  test('with a wrong password says so, and says the same when there is no such account', async () => {
    const { email } = await createAccount('Wanda');
    const { page } = await browser.newPerson();
    const answerTo = async (address: string) => {
      await page.goto('/sign-in');
      await page.locator('input[name=email]:focus').fill(address);
      await page.getByLabel('Password', { exact: true }).fill('not the password');
      await page.getByRole('button', { name: 'Sign in' }).click();
      return await page.getByRole('alert').textContent();
    };
    const wrong = await answerTo(email);
    // Said once: title and detail would be the same sentence.
    expect(wrong?.match(/password/gi)).toHaveLength(1);
    expect(await answerTo(newEmail('nobody'))).toBe(wrong);
    expect(await page.getByLabel('Email').inputValue()).not.toBe('');
  });

  test('leads to the page that was asked for before', async () => {
    const account = await createAccount('Petra');
    const { page } = await browser.newPerson();
    await page.goto(`/o/${account.orgId}/members`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(page, account);
    await page.getByRole('heading', { name: 'Members' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/o/${account.orgId}/members`);
  });

  test('never leads to another site', async () => {
    const account = await createAccount('Otto');
    const { page } = await browser.newPerson();
    await page.goto('/sign-in?next=//evil.example/');
    const { origin } = new URL(page.url());
    await signIn(page, account);
    expect(new URL(page.url()).origin).toBe(origin);
  });
});

describe('signing out', () => {
  test('that fails says so, and a reload does not sign in again but tries once more', async () => {
    const account = await createAccount('Lars');
    const { page } = await browser.newPerson();
    await signIn(page, account);
    await page.route('**/api/v1/auth/logout', (route) => route.abort());
    await accountButton(page, 'Lars').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('alert').getByText('You are still signed in.').waitFor();

    await page.reload();
    await page.getByRole('heading', { name: 'You are not signed out yet' }).waitFor();
    await page.unroute('**/api/v1/auth/logout');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(`/o/${account.orgId}/members`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('without the CSRF cookie ends the session all the same, and leaves the cookies of others', async () => {
    const account = await createAccount('Mia');
    const { page, context } = await browser.newPerson();
    await signIn(page, account);
    const url = page.url();
    await context.clearCookies({ name: /csrf$/ });
    await context.addCookies([{ name: 'neighbour', value: 'stays', url }]);
    await accountButton(page, 'Mia').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    // Which device this is may be known on: it lets the person, not a guesser, try passwords here.
    const left = (await context.cookies()).map(({ name }) => name).filter((name) => !name.endsWith('device'));
    expect(left).toEqual(['neighbour']);
  });
});

test('a menu that is opened while the page still arrives stays open', async () => {
  const account = await createAccount('Elsa');
  await account.client.channels.createChannel({
    params: { orgId: account.orgId },
    body: { name: 'general' },
  });
  const { page } = await browser.newPerson();
  const arrive = Promise.withResolvers<void>();
  await page.route(/\/channels(\?|$)/, async (route) => {
    await arrive.promise;
    await route.continue();
  });
  await signIn(page, account);
  await accountButton(page, 'Elsa').click();
  const item = page.getByRole('menuitem', { name: 'Sign out' });
  await item.waitFor();
  arrive.resolve();
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await item.evaluate((element) => element === document.activeElement)).toBe(true);
});

describe('a session', () => {
  test('survives a reload, and no script can read its tokens', async () => {
    const account = await createAccount('Rosa');
    const { page, context, problems } = await browser.newPerson();
    await signIn(page, account);
    await page.reload();
    await accountButton(page, 'Rosa').waitFor();

    const readable = await page.evaluate(() => ({
      stored: { ...localStorage, ...sessionStorage },
      cookies: document.cookie,
    }));
    expect(readable.stored).toEqual({});
    const refresh = (await context.cookies()).find(({ name }) => name.endsWith('refresh'));
    expect(refresh).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    expect(readable.cookies).not.toContain(refresh?.value);
    expect(problems).toEqual([]);
  });

  test('is shared by several tabs that are opened at the same moment', async () => {
    const account = await createAccount('Tom');
    const person = await browser.newPerson();
    await signIn(person.page, account);
    const tabs = await Promise.all([person.newTab(), person.newTab(), person.newTab()]);
    await Promise.all(tabs.map((tab) => tab.goto('/')));
    await Promise.all(tabs.map((tab) => accountButton(tab, 'Tom').waitFor()));
    await person.page.reload();
    await accountButton(person.page, 'Tom').waitFor();
  });

  test('ends in all tabs with signing out, and stays ended', async () => {
    const account = await createAccount('Sven');
    const person = await browser.newPerson();
    await signIn(person.page, account);
    const tab = await person.newTab();
    await tab.goto('/');
    await accountButton(tab, 'Sven').waitFor();

    await accountButton(person.page, 'Sven').click();
    await person.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await person.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await tab.getByRole('heading', { name: 'Sign in' }).waitFor();

    await person.page.goto(`/o/${account.orgId}/members`);
    await person.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await person.page.getByText('Sven').count()).toBe(0);
  });
});

describe('on a phone', () => {
  test('the navigation is a drawer that takes the focus and gives it back', async () => {
    const account = await createAccount('Fay');
    const { page, problems } = await browser.newPerson(PHONE);
    await signIn(page, account);
    const opener = page.getByRole('button', { name: 'Open navigation' });
    await opener.click();
    await accountButton(page, 'Fay').click({ trial: true });
    expect(await page.evaluate(() => document.activeElement?.closest('#side-bar') !== null)).toBe(true);
    await page.keyboard.press('Escape');
    expect(await opener.evaluate((button) => document.activeElement === button)).toBe(true);

    await opener.click();
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByRole('heading', { name: 'Members' }).waitFor();
    await page.locator('#side-bar').waitFor({ state: 'hidden' });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    expect(problems).toEqual([]);
  });
});

describe('for everybody', () => {
  test('each field and button has a name, on every page', async () => {
    const account = await createAccount('Noor');
    const { page, problems } = await browser.newPerson();
    const unnamed: string[] = [];
    for (const path of ['/sign-up', '/sign-in']) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      unnamed.push(...(await unnamedControls(page)));
    }
    await signIn(page, account);
    await page.goto(`/o/${account.orgId}/members`);
    await page.getByRole('button', { name: 'Invite a member' }).click();
    await page.getByRole('dialog', { name: 'Invite a member' }).waitFor();
    unnamed.push(...(await unnamedControls(page)));
    expect(unnamed).toEqual([]);
    expect(problems).toEqual([]);
  });

  test('an address that leads nowhere says so and offers a way back', async () => {
    const { page } = await browser.newPerson();
    await page.goto('/nowhere');
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    await page.getByRole('link', { name: 'Back to the start' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('a service that does not answer is explained, and the page goes on when it is back', async () => {
    const account = await createAccount('Uma');
    const { page } = await browser.newPerson();
    await signIn(page, account);
    await page.route('**/api/v1/auth/refresh', (route) => route.abort());
    await page.reload();
    await page.getByText('cannot be reached').waitFor();
    await page.unroute('**/api/v1/auth/refresh');
    await page.getByRole('button', { name: 'Try again' }).click();
    await accountButton(page, 'Uma').waitFor();
  });
});
