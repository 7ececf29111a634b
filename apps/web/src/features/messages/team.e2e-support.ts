/** What the browser tests of this feature share: a team with a channel, and the words for acting in it. */
import { ApiError } from '@plinth/client';
import type { Channel, InvitedRole } from '@plinth/contracts';
import type { Page, WebSocketRoute } from 'playwright-core';
import { type Account, createAccount, joinOrganization, signIn } from '../../../e2e/browser.ts';

export interface Team {
  readonly ada: Account;
  readonly bob: Account;
  readonly channel: Channel;
  /** Address of the channel's page. */
  readonly path: string;
}

/** Ada's organisation with Bob in it and one channel. */
export const createTeam = async (role: InvitedRole = 'MEMBER'): Promise<Team> => {
  const [ada, bob] = await Promise.all([createAccount('Ada'), createAccount('Bob')]);
  const params = { orgId: ada.orgId };
  await joinOrganization(ada, bob, role);
  const channel = await ada.client.channels.createChannel({ params, body: { name: 'general' } });
  return { ada, bob, channel, path: `/o/${ada.orgId}/c/${channel.id}` };
};

export const post = ({ ada, channel }: Team, body: string, author = ada) =>
  author.client.messages.postMessage({
    params: { orgId: ada.orgId, channelId: channel.id },
    body: { body, clientId: crypto.randomUUID() },
  });

export const composer = (page: Page) => page.getByRole('textbox', { name: 'Message #general' });
export const message = (page: Page, text: string) => page.getByRole('listitem').filter({ hasText: text });

/** Waits until an own message is confirmed: only then it can be edited. */
export const stored = (page: Page, text: string) =>
  message(page, text).getByRole('button', { name: 'Edit message' }).waitFor({ state: 'attached' });

export const open = async (page: Page, path: string, account: Account) => {
  await page.goto(path);
  await signIn(page, account);
  await page.getByRole('heading', { name: 'general', exact: true }).waitFor();
};

export const say = async (page: Page, text: string) => {
  await composer(page).fill(text);
  await page.keyboard.press('Enter');
};

/** Everything that was said, from top to bottom. */
export const bodies = (page: Page) => page.locator('ol li .whitespace-pre-wrap').allInnerTexts();

export const statusOf = async (call: Promise<unknown>): Promise<number | undefined> => {
  const error = await call.catch((cause: unknown) => cause);
  return error instanceof ApiError ? error.status : undefined;
};

/** Can cut the live connection of a page; until it is restored, nobody answers. */
export const withCuttableSocket = async (page: Page) => {
  const sockets: WebSocketRoute[] = [];
  let whole = Promise.resolve();
  let restore = () => {};
  await page.routeWebSocket(/\/socket\.io\//, async (socket) => {
    await whole;
    socket.connectToServer();
    sockets.push(socket);
  });
  return {
    cut: async () => {
      whole = new Promise((resolve) => {
        restore = resolve;
      });
      await Promise.all(sockets.splice(0).map((socket) => socket.close()));
    },
    restore: () => restore(),
  };
};

/** Everything that was said, also what is only rendered when it is scrolled to; older pages must be loaded. */
export const allBodies = async (page: Page): Promise<string[]> => {
  const list = page.getByRole('region', { name: 'Messages in general' });
  const found = new Map<string, { readonly text: string; readonly top: number }>();
  const collect = async () => {
    const rows = await page.locator('[data-row]').evaluateAll((all) =>
      all.map((row) => ({
        key: row.getAttribute('data-row') ?? '',
        text: row.querySelector('.whitespace-pre-wrap')?.textContent ?? '',
        top: row.closest('li')?.offsetTop ?? 0,
      })),
    );
    // The place of a row is certain once everything above it was on screen: the last look counts.
    for (const { key, ...row } of rows) found.set(key, row);
  };
  let moved = true;
  await list.evaluate((element) => {
    element.scrollTop = 0;
  });
  while (moved) {
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    await collect();
    moved = await list.evaluate((element) => {
      const before = element.scrollTop;
      element.scrollTop += element.clientHeight / 2;
      return element.scrollTop > before;
    });
  }
  return [...found.values()].sort((a, b) => a.top - b.top).map(({ text }) => text);
};
