import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiError } from '@plinth/client';
import type { Channel, OrgRole } from '@plinth/contracts';
import type { Page } from 'playwright-core';
import {
  type Account,
  createAccount,
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

interface Team {
  readonly ada: Account;
  readonly bob: Account;
  readonly channel: Channel;
  /** Address of the channel's page. */
  readonly path: string;
}

/** Ada's organisation with Bob in it and one channel. */
const createTeam = async (role: Exclude<OrgRole, 'OWNER'> = 'MEMBER'): Promise<Team> => {
  const [ada, bob] = await Promise.all([createAccount('Ada'), createAccount('Bob')]);
  const params = { orgId: ada.orgId };
  await ada.client.organizations.addMember({ params, body: { email: bob.email, role } });
  const channel = await ada.client.channels.createChannel({ params, body: { name: 'general' } });
  return { ada, bob, channel, path: `/o/${ada.orgId}/c/${channel.id}` };
};

const post = ({ ada, channel }: Team, body: string, author = ada) =>
  author.client.messages.postMessage({
    params: { orgId: ada.orgId, channelId: channel.id },
    body: { body, clientId: crypto.randomUUID() },
  });

const composer = (page: Page) => page.getByRole('textbox', { name: 'Message #general' });
const message = (page: Page, text: string) => page.getByRole('listitem').filter({ hasText: text });

/** Waits until an own message is confirmed: only then it can be edited. */
const stored = (page: Page, text: string) =>
  message(page, text).getByRole('button', { name: 'Edit message' }).waitFor({ state: 'attached' });

const open = async (page: Page, path: string, account: Account) => {
  await page.goto(path);
  await signIn(page, account);
  await page.getByRole('heading', { name: 'general', exact: true }).waitFor();
};

const say = async (page: Page, text: string) => {
  await composer(page).fill(text);
  await page.keyboard.press('Enter');
};

/** Everything that was said, from top to bottom. */
const bodies = (page: Page) => page.locator('ol li .whitespace-pre-wrap').allInnerTexts();

const statusOf = async (call: Promise<unknown>): Promise<number | undefined> => {
  const error = await call.catch((cause: unknown) => cause);
  return error instanceof ApiError ? error.status : undefined;
};

/** Can cut and restore the live connection of a page. */
const withCuttableSocket = async (page: Page) => {
  const open = new Set<{ close: () => Promise<void> }>();
  let cut = false;
  await page.routeWebSocket(/\/socket\.io\//, (socket) => {
    if (cut) return void socket.close();
    const server = socket.connectToServer();
    open.add(socket);
    server.onClose(() => open.delete(socket));
  });
  await page.route('**/socket.io/**', (route) => (cut ? route.abort() : route.continue()));
  return {
    cut: async () => {
      cut = true;
      await Promise.all([...open].map((socket) => socket.close()));
      open.clear();
    },
    restore: () => {
      cut = false;
    },
  };
};

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
        .evaluateAll((all) => all.map((one) => one.ariaLabel));
    };
    const own = ['Edit message', 'Delete message'];
    expect(await buttons(bob.page, 'from Ada')).toEqual([]);
    expect(await buttons(bob.page, 'from Bob')).toEqual(own);
    expect(await buttons(ada.page, 'from Bob')).toEqual(['Delete message']);
    expect(await buttons(ada.page, 'from Ada')).toEqual(own);
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
    await person.page.getByRole('heading', { name: 'Nothing stands here' }).waitFor();
    // The ids of the others in her own organisation.
    await person.page.goto(`/o/${eve.orgId}/c/${team.channel.id}`);
    await person.page.getByRole('heading', { name: 'Nothing stands here' }).waitFor();
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

describe('a connection that fails', () => {
  test('in the middle of sending: the message waits, goes out once, and keeps its place', async () => {
    const team = await createTeam();
    const { page, context } = await browser.newPerson();
    await open(page, team.path, team.ada);
    await say(page, 'before');
    await message(page, 'before').waitFor();
    await context.setOffline(true);
    await say(page, 'written offline');
    await page.getByText('Not sent.').waitFor();
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
    const detail = 'The service is being repaired.';
    await page.route('**/messages', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({
            status: 503,
            contentType: 'application/problem+json',
            json: { type: 'about:blank', title: 'Unavailable', status: 503, detail, code: 'unavailable' },
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
    await page.getByText('text 0', { exact: true }).waitFor();
    expect(await bodies(page)).toEqual(texts);

    await scrollToTop();
    await post(team, 'news', team.bob);
    await page.getByRole('button', { name: '1 new message' }).click();
    await page.getByRole('button', { name: '1 new message' }).waitFor({ state: 'detached' });
    expect(await list.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight)).toBeLessThan(2);
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
    await message(page, 'from the bus').getByRole('button', { name: 'Message actions' }).tap();
    await page.getByRole('button', { name: 'Delete', exact: true }).tap();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).tap();
    await message(page, 'from the bus').waitFor({ state: 'detached' });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    expect(problems).toEqual([]);
  });
});
