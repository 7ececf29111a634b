import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { PASSWORD, PHONE, startBrowser, type TestBrowser, unnamedControls } from '../../../e2e/browser.ts';
import {
  allBodies,
  bodies,
  composer,
  createTeam,
  message,
  open,
  post,
  say,
  stored,
  withCuttableSocket,
} from './team.e2e-support.ts';

let browser: TestBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterEach(() => browser.forget());
afterAll(() => browser.close());

describe('a connection that fails', () => {
  test('in the middle of sending: the message waits, goes out once, and keeps its place', async () => {
    const team = await createTeam();
    const { page, context } = await browser.newPerson();
    await open(page, team.path, team.ada);
    await say(page, 'before');
    await message(page, 'before').waitFor();
    await context.setOffline(true);
    await say(page, 'written offline');
    await message(page, 'written offline').getByText('Not sent yet.').waitFor();
    await page.getByText('You are offline.').waitFor();
    await context.setOffline(false);
    await stored(page, 'written offline');
    const params = { orgId: team.ada.orgId, channelId: team.channel.id };
    const { items } = await team.ada.client.messages.listMessages({ params });
    expect(items.map(({ body }) => body)).toEqual(['written offline', 'before']);
    expect(await bodies(page)).toEqual(['before', 'written offline']);
  });

  test('for a while: what was missed appears by itself', async () => {
    const team = await createTeam();
    const { page, problems } = await browser.newPerson();
    const socket = await withCuttableSocket(page);
    const gone = await post(team, 'will be deleted');
    await open(page, team.path, team.ada);
    await post(team, 'while connected', team.bob);
    await message(page, 'while connected').waitFor();

    await socket.cut();
    await page.getByText('Reconnecting…').waitFor();
    await post(team, 'while away', team.bob);
    await team.ada.client.messages.deleteMessage({
      params: { orgId: team.ada.orgId, channelId: team.channel.id, messageId: gone.id },
    });
    socket.restore();
    await message(page, 'while away').waitFor();
    await message(page, 'will be deleted').waitFor({ state: 'detached' });
    await page.getByText('Reconnecting…').waitFor({ state: 'detached' });
    expect(await bodies(page)).toEqual(['while connected', 'while away']);
    expect(problems.filter((text) => !text.includes('WebSocket'))).toEqual([]);
  });

  test('with a refusal: the message can be sent again or discarded', async () => {
    const team = await createTeam();
    const { page } = await browser.newPerson();
    await open(page, team.path, team.ada);
    const detail = 'This channel is closed.';
    await page.route('**/messages', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({
            status: 403,
            contentType: 'application/problem+json',
            json: { type: 'about:blank', title: 'Refused', status: 403, detail, code: 'forbidden' },
          })
        : route.continue(),
    );
    for (const text of ['first', 'second']) await say(page, text);
    await message(page, 'first').getByText(detail).waitFor();
    await message(page, 'second').getByRole('button', { name: 'Discard' }).click();
    await page.unroute('**/messages');
    await message(page, 'first').getByRole('button', { name: 'Retry' }).click();
    await stored(page, 'first');
    expect(await bodies(page)).toEqual(['first']);
  });
});

describe('a long conversation', () => {
  test('loads older messages while scrolling up, each once, and tells of new ones below', async () => {
    const team = await createTeam();
    const texts = Array.from({ length: 120 }, (_, number) => `text ${number}`);
    for (const text of texts) await post(team, text);
    const { page } = await browser.newPerson();
    await open(page, team.path, team.ada);
    await message(page, 'text 119').waitFor();
    const list = page.getByRole('region', { name: 'Messages in general' });
    const scrollToTop = () =>
      list.evaluate((element) => {
        element.scrollTop = 0;
      });
    await scrollToTop();
    await message(page, 'text 69').waitFor();
    await scrollToTop();
    await page.getByText('text 19', { exact: true }).waitFor();
    expect(await allBodies(page)).toEqual(texts);

    await scrollToTop();
    await post(team, 'news', team.bob);
    await page.getByRole('button', { name: '1 new message' }).click();
    await page.getByRole('button', { name: '1 new message' }).waitFor({ state: 'detached' });
    // Rows that come on screen are measured, and the end moves with them.
    await page.waitForFunction(
      (e) => e !== null && e.scrollHeight - e.scrollTop - e.clientHeight < 2,
      await list.elementHandle(),
    );
  });
});

describe('500 messages', () => {
  test('need no more nodes and tab stops than a screen of them, and the arrow keys reach them all', async () => {
    const team = await createTeam();
    for (let number = 0; number < 500; number += 1) await post(team, `text ${number}`);
    const { page } = await browser.newPerson();
    await open(page, team.path, team.ada);
    await message(page, 'text 499').waitFor();
    const list = page.getByRole('region', { name: 'Messages in general' });
    for (const oldest of [400, 350, 300, 250, 200, 150, 100, 50, 0]) {
      await list.evaluate((element) => {
        element.scrollTop = 0;
      });
      await page.getByText(`text ${oldest === 400 ? 449 : oldest + 49}`, { exact: true }).waitFor();
    }
    const tabStops = list
      .locator('a, button, [tabindex="0"], textarea')
      .and(list.locator(':not([tabindex="-1"])'));
    expect(await page.locator('*').count()).toBeLessThan(1_200);
    expect(await tabStops.count()).toBeLessThan(8);

    await page.locator('[data-row][tabindex="0"]').focus();
    await page.keyboard.press('End');
    await page.locator('[data-row]:focus', { hasText: 'text 499' }).waitFor();
    await page.keyboard.press('ArrowUp');
    await page.locator('[data-row]:focus', { hasText: 'text 498' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toMatch(
      /^Edit message from Ada, \d\d:\d\d$/,
    );
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Home');
    await page.locator('[data-row]:focus', { hasText: 'text 0' }).waitFor();
  });
});

describe('for everybody', () => {
  test('signing in, writing and editing work with the keyboard alone', async () => {
    const team = await createTeam();
    const { page, problems } = await browser.newPerson();
    await page.goto(team.path);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    const { keyboard } = page;
    const tabTo = async (name: string | RegExp, role: 'textbox' | 'button' | 'link') => {
      const target = page.getByRole(role, { name });
      for (let presses = 0; presses < 30; presses += 1) {
        if (await target.evaluate((element) => element === document.activeElement)) return;
        await keyboard.press('Tab');
      }
      throw new Error(`Tab never reached ${role} ${name}`);
    };
    await tabTo('Email', 'textbox');
    await keyboard.type(team.ada.email);
    await tabTo('Password', 'textbox');
    await keyboard.type(PASSWORD);
    await keyboard.press('Enter');

    await composer(page).waitFor();
    await tabTo('Message #general', 'textbox');
    await keyboard.type('one');
    await keyboard.press('Shift+Enter');
    await keyboard.type('two');
    await keyboard.press('Enter');
    await stored(page, 'one');
    expect(await bodies(page)).toEqual(['one\ntwo']);

    await keyboard.press('ArrowUp');
    await page.getByRole('textbox', { name: 'Edit message' }).waitFor();
    await keyboard.type(' three');
    await keyboard.press('Enter');
    await page.getByText('(edited)').waitFor();
    expect(await composer(page).evaluate((field) => document.activeElement === field)).toBe(true);
    expect(problems).toEqual([]);
  });

  test('each field and button of a conversation has a name, and new messages are announced', async () => {
    const team = await createTeam();
    await post(team, 'hello');
    const { page, problems } = await browser.newPerson();
    await open(page, team.path, team.ada);
    await message(page, 'hello').waitFor();
    expect(await unnamedControls(page)).toEqual([]);
    await post(team, 'listen', team.bob);
    await page.getByRole('log').getByText('Bob: listen').waitFor();
    expect(problems).toEqual([]);
  });

  test('on a phone the conversation fits and a message can be sent and deleted', async () => {
    const team = await createTeam();
    const { page, problems } = await browser.newPerson(PHONE);
    await open(page, team.path, team.ada);
    await composer(page).fill('from the bus');
    await page.getByRole('button', { name: 'Send' }).tap();
    await message(page, 'from the bus').getByRole('button', { name: 'Actions for message from Ada' }).tap();
    await page.getByRole('menuitem', { name: 'Delete' }).tap();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).tap();
    await message(page, 'from the bus').waitFor({ state: 'detached' });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    expect(problems).toEqual([]);
  });
});
