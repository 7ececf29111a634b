import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createAccount, signIn, startBrowser, type TestBrowser } from '../../../e2e/browser.ts';
import {
  bodies,
  composer,
  createTeam,
  message,
  open,
  post,
  say,
  statusOf,
  stored,
} from './team.e2e-support.ts';

let browser: TestBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterEach(() => browser.forget());
afterAll(() => browser.close());

describe('two people in one channel', () => {
  test('see each other write, edit and delete without reloading', async () => {
    const team = await createTeam();
    const [ada, bob] = await Promise.all([browser.newPerson(), browser.newPerson()]);
    await Promise.all([open(ada.page, team.path, team.ada), open(bob.page, team.path, team.bob)]);

    await say(ada.page, 'Good morning');
    await message(bob.page, 'Good morning').waitFor();
    await say(bob.page, 'Good mroning, Ada');
    await message(ada.page, 'Good mroning').waitFor();

    await message(bob.page, 'Good mroning').hover();
    await message(bob.page, 'Good mroning').getByRole('button', { name: 'Edit message' }).click();
    await bob.page.getByRole('textbox', { name: 'Edit message' }).fill('Good morning, Ada');
    await bob.page.keyboard.press('Enter');
    await message(ada.page, 'Good morning, Ada').getByText('(edited)').waitFor();

    await message(bob.page, 'Good morning, Ada').hover();
    await message(bob.page, 'Good morning, Ada').getByRole('button', { name: 'Delete message' }).click();
    await bob.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await message(ada.page, 'Good morning, Ada').waitFor({ state: 'detached' });

    expect(await bodies(ada.page)).toEqual(['Good morning']);
    expect(await bodies(bob.page)).toEqual(['Good morning']);
    expect([...ada.problems, ...bob.problems]).toEqual([]);
  });

  test('may change only their own messages, and an owner may delete all', async () => {
    const team = await createTeam();
    await post(team, 'from Ada');
    await post(team, 'from Bob', team.bob);
    const [ada, bob] = await Promise.all([browser.newPerson(), browser.newPerson()]);
    await Promise.all([open(ada.page, team.path, team.ada), open(bob.page, team.path, team.bob)]);
    const buttons = async (page: Page, text: string) => {
      await message(page, text).hover();
      return await message(page, text)
        .getByRole('button')
        .evaluateAll((all) => all.map((one) => one.ariaLabel?.replace(/, \d\d:\d\d$/, '')));
    };
    const own = (name: string) => [`Edit message from ${name}`, `Delete message from ${name}`];
    expect(await buttons(bob.page, 'from Ada')).toEqual([]);
    expect(await buttons(bob.page, 'from Bob')).toEqual(own('Bob'));
    expect(await buttons(ada.page, 'from Bob')).toEqual(['Delete message from Bob']);
    expect(await buttons(ada.page, 'from Ada')).toEqual(own('Ada'));
  });
});

describe('a message that is edited or deleted', () => {
  test('is so for screen readers as well: nothing keeps its text', async () => {
    const team = await createTeam();
    const { page } = await browser.newPerson();
    await open(page, team.path, team.ada);
    await composer(page).waitFor();
    const log = page.getByRole('log');
    const params = { orgId: team.ada.orgId, channelId: team.channel.id };
    const { messages } = team.bob.client;
    const { id: edited } = await post(team, 'a typnig error', team.bob);
    const { id: deleted } = await post(team, 'a secret', team.bob);
    await log.getByText('a secret').waitFor({ state: 'attached' });
    await messages.editMessage({
      params: { ...params, messageId: edited },
      body: { body: 'a typing error' },
    });
    await messages.deleteMessage({ params: { ...params, messageId: deleted } });
    await message(page, 'a secret').waitFor({ state: 'detached' });
    await message(page, 'a typing error').waitFor();
    expect(await log.locator('p').allTextContents()).toEqual(['Bob: a typing error']);
    // Nor does anything else of the page.
    expect(await page.locator('body').textContent()).not.toMatch(/a secret|typnig/);
  });

  test('by keyboard leaves the focus in the composer, whether it was deleted or not', async () => {
    const team = await createTeam();
    const { page, problems } = await browser.newPerson();
    await open(page, team.path, team.ada);
    await say(page, 'to be deleted');
    await stored(page, 'to be deleted');
    const isInComposer = () => composer(page).evaluate((field) => field === document.activeElement);
    const ask = async () => {
      await message(page, 'to be deleted').getByRole('button', { name: 'Delete message' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
    };
    await ask();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await isInComposer()).toBe(true);
    await ask();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await message(page, 'to be deleted').waitFor({ state: 'detached' });
    expect(await isInComposer()).toBe(true);
    expect(problems).toEqual([]);
  });
});

describe('somebody of another organisation', () => {
  test('sees nothing of it, and its ids lead nowhere', async () => {
    const team = await createTeam();
    const { id: messageId } = await post(team, 'for us only');
    const eve = await createAccount('Eve');
    const person = await browser.newPerson();
    await person.page.goto(team.path);
    await signIn(person.page, eve);
    await person.page.getByRole('heading', { name: 'Page not found' }).waitFor();
    // The ids of the others in her own organisation.
    await person.page.goto(`/o/${eve.orgId}/c/${team.channel.id}`);
    await person.page.getByRole('heading', { name: 'Page not found' }).waitFor();
    expect(await person.page.getByText('for us only').count()).toBe(0);
    expect(await person.page.getByText('general').count()).toBe(0);

    for (const orgId of [team.ada.orgId, eve.orgId]) {
      const params = { orgId, channelId: team.channel.id };
      const { channels, messages } = eve.client;
      const body = { body: 'hello', clientId: crypto.randomUUID() };
      const one = { ...params, messageId };
      expect(await statusOf(channels.getChannel({ params }))).toBe(404);
      expect(await statusOf(messages.listMessages({ params }))).toBe(404);
      expect(await statusOf(messages.postMessage({ params, body }))).toBe(404);
      expect(await statusOf(messages.editMessage({ params: one, body: { body: 'x' } }))).toBe(404);
      expect(await statusOf(messages.deleteMessage({ params: one }))).toBe(404);
    }
    expect(await statusOf(eve.client.organizations.listMembers({ params: { orgId: team.ada.orgId } }))).toBe(
      404,
    );
  });
});

describe('a guest', () => {
  test('reads along and cannot write', async () => {
    const team = await createTeam('GUEST');
    const { page } = await browser.newPerson();
    await open(page, team.path, team.bob);
    await page.getByText('You are a guest here').waitFor();
    expect(await page.getByRole('textbox').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'New channel' }).count()).toBe(0);
    await post(team, 'for everybody');
    await message(page, 'for everybody').waitFor();
    expect(await statusOf(post(team, 'from a guest', team.bob))).toBe(403);
  });
});

describe('the first channel', () => {
  test('is made from the empty page of a new organisation', async () => {
    const ada = await createAccount('Ada');
    const { page, problems } = await browser.newPerson();
    await signIn(page, ada);
    await page.getByRole('button', { name: 'Create the first one' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Big Plans');
    await page.getByRole('button', { name: 'Create channel' }).click();
    await page.getByRole('heading', { name: 'big-plans', exact: true }).waitFor();
    await page.getByRole('link', { name: 'big-plans' }).waitFor();
    expect(problems).toEqual([]);
  });
});
