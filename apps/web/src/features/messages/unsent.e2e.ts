import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { accountButton, startBrowser, type TestBrowser } from '../../../e2e/browser.ts';
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

const teamWithTwoChannels = async () => {
  const team = await createTeam();
  const params = { orgId: team.ada.orgId };
  await team.ada.client.channels.createChannel({ params, body: { name: 'random' } });
  return team;
};

/** Asks until it is so; the test's own time limit ends it. */
const until = async (condition: () => Promise<boolean>) => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 100));
};

describe('what somebody wrote', () => {
  test('offline is sent once and in order when the connection is back, from whichever page is open', async () => {
    const team = await teamWithTwoChannels();
    const { page, context } = await browser.newPerson();
    await open(page, team.path, team.ada);
    await page.getByRole('link', { name: 'random' }).click();
    await page.getByRole('textbox', { name: 'Message #random' }).waitFor();
    await page.getByRole('link', { name: 'general' }).click();
    await composer(page).waitFor();
    await context.setOffline(true);
    await say(page, 'first');
    await say(page, 'second');
    await message(page, 'second').getByText('Not sent yet.').waitFor();
    await page.getByText('You are offline. What you write is kept').waitFor();
    await page.getByRole('link', { name: 'random' }).click();
    await page.getByRole('textbox', { name: 'Message #random' }).waitFor();
    await context.setOffline(false);

    const params = { orgId: team.ada.orgId, channelId: team.channel.id };
    const sent = async () => {
      const { items } = await team.ada.client.messages.listMessages({ params });
      return items.map(({ body }) => body).reverse();
    };
    await until(async () => (await sent()).length === 2);
    await page.getByRole('link', { name: 'general' }).click();
    await stored(page, 'second');
    expect(await bodies(page)).toEqual(['first', 'second']);
    expect(await sent()).toEqual(['first', 'second']);
  });

  test('and is not sent survives a reload and a change of the channel, the draft as well', async () => {
    const team = await teamWithTwoChannels();
    const { page } = await browser.newPerson();
    await open(page, team.path, team.ada);
    await page.route('**/messages', (route) =>
      route.request().method() === 'POST' ? route.abort() : route.continue(),
    );
    await say(page, 'waits');
    await message(page, 'waits').getByText('Not sent yet.').waitFor();
    await composer(page).fill('half a thou');
    await page.getByRole('link', { name: 'random' }).click();
    await page.getByRole('textbox', { name: 'Message #random' }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Message #random' }).inputValue()).toBe('');
    await page.getByRole('link', { name: 'general' }).click();
    await message(page, 'waits').waitFor();
    expect(await composer(page).inputValue()).toBe('half a thou');
    await page.reload();
    await message(page, 'waits').waitFor();
    expect(await composer(page).inputValue()).toBe('half a thou');
    await page.unroute('**/messages');
    await stored(page, 'waits');
    expect(await bodies(page)).toEqual(['waits']);
  });

  test('is named before signing out deletes it', async () => {
    const team = await createTeam();
    const { page } = await browser.newPerson();
    await open(page, team.path, team.ada);
    await composer(page).fill('never sent');
    await accountButton(page, 'Ada').click();
    await page.getByText('Sign out', { exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('There is still a draft here.').waitFor();
    await dialog.getByRole('button', { name: 'Stay' }).click();
    expect(await composer(page).inputValue()).toBe('never sent');
    await accountButton(page, 'Ada').click();
    await page.getByText('Sign out', { exact: true }).click();
    await dialog.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain(
      'never sent',
    );
  });
});

describe('after a disconnection', () => {
  test('120 missed messages, an edit and a deletion are seen although an own message came first', async () => {
    const team = await createTeam();
    const edited = await post(team, 'before the edit');
    const deleted = await post(team, 'will be deleted');
    const { page } = await browser.newPerson();
    const socket = await withCuttableSocket(page);
    await open(page, team.path, team.ada);
    await message(page, 'will be deleted').waitFor();
    await socket.cut();
    await page.getByText('Reconnecting…').waitFor();
    const texts = Array.from({ length: 120 }, (_, number) => `missed ${number}`);
    for (const text of texts) await post(team, text, team.bob);
    const params = { orgId: team.ada.orgId, channelId: team.channel.id };
    const { messages } = team.ada.client;
    await messages.editMessage({
      params: { ...params, messageId: edited.id },
      body: { body: 'after the edit' },
    });
    await messages.deleteMessage({ params: { ...params, messageId: deleted.id } });
    await say(page, 'own');
    await stored(page, 'own');
    socket.restore();
    await message(page, 'will be deleted').waitFor({ state: 'detached' });
    await message(page, 'missed 119').waitFor();
    await page.getByRole('region', { name: 'Messages in general' }).evaluate((element) => {
      element.scrollTop = 0;
    });
    await message(page, 'after the edit').waitFor();
    const all = ['after the edit (edited)', ...texts, 'own'];
    expect(await allBodies(page)).toEqual(all);
  });

  test('nothing is missing when the first reading fails and a live message follows', async () => {
    const team = await createTeam();
    const { page } = await browser.newPerson();
    const socket = await withCuttableSocket(page);
    await open(page, team.path, team.ada);
    await socket.cut();
    await page.getByText('Reconnecting…').waitFor();
    await post(team, 'missed one', team.bob);
    await post(team, 'missed two', team.bob);
    await page.route('**/messages/changes*', (route) => route.abort());
    const refused = page.waitForRequest('**/messages/changes*');
    socket.restore();
    await refused;
    await post(team, 'live', team.bob);
    await page.unroute('**/messages/changes*');
    await message(page, 'live').waitFor();
    expect(await bodies(page)).toEqual(['missed one', 'missed two', 'live']);
  });
});

describe('a first reading that fails', () => {
  test('does not say that nobody has written, and is repaired by a retry', async () => {
    const team = await createTeam();
    await post(team, 'hello');
    const { page } = await browser.newPerson();
    await page.route('**/messages?*', (route) => route.abort());
    await open(page, team.path, team.ada);
    await page.getByText('cannot be reached').waitFor();
    expect(await page.getByText('This is the beginning').count()).toBe(0);
    await page.unroute('**/messages?*');
    await message(page, 'hello').waitFor();
    expect(await page.getByText('cannot be reached').count()).toBe(0);
    expect(await page.getByText('This is the beginning').count()).toBe(0);
  });
});

describe('writing of every direction', () => {
  test('a message goes in its own direction, and 4,000 emoji are sent', async () => {
    const team = await createTeam();
    await post(team, 'שלום עולם!');
    const { page } = await browser.newPerson();
    await open(page, team.path, team.ada);
    const text = message(page, 'שלום').locator('.whitespace-pre-wrap');
    await text.waitFor();
    expect(await text.evaluate((element) => getComputedStyle(element).direction)).toBe('rtl');
    const day = page.locator('li time').first();
    const today = await page.evaluate(() => new Date().toLocaleDateString('sv-SE'));
    expect(await day.getAttribute('datetime')).toBe(today);
    await say(page, '🦀'.repeat(4000));
    await stored(page, '🦀');
  });
});
