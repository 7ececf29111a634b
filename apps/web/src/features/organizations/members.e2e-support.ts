/** What the browser tests of members and invitations share: the words for acting on their pages. */
import type { Page, Route } from 'playwright-core';
import { type Account, signIn } from '../../../e2e/browser.ts';

export const openMembers = async (page: Page, account: Account, orgId = account.orgId) => {
  await page.goto(`/o/${orgId}/members`);
  await signIn(page, account);
  await page.getByRole('heading', { name: 'Members' }).waitFor();
};

export const invite = async (page: Page, email: string, role = 'MEMBER') => {
  await page.getByRole('button', { name: 'Invite a member' }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite a member' });
  await dialog.getByLabel('Email').fill(email);
  await dialog.getByLabel('Role').selectOption(role);
  await dialog.getByRole('button', { name: 'Invite' }).click();
};

export const line = (page: Page, text: string) => page.getByRole('listitem').filter({ hasText: text });
/** Not the invitation of the same address, which may still be on the page. */
export const member = (page: Page, email: string) =>
  page.getByRole('region', { name: 'Members' }).getByRole('listitem').filter({ hasText: email });
export const openInvitations = (page: Page) => page.getByRole('region', { name: 'Open invitations' });
export const toInvitations = async (page: Page) => {
  await page.getByRole('link', { name: /^Invitations/ }).click();
  await page.getByRole('heading', { name: 'Invitations', level: 1 }).waitFor();
};

/** Keeps requests to an address back until they are released; counts those that came. */
export const holdBack = async (page: Page, url: RegExp, method = 'GET') => {
  const held: Route[] = [];
  let open = false;
  await page.route(url, async (route) => {
    if (open || route.request().method() !== method) return route.fallback();
    held.push(route);
  });
  return {
    count: () => held.length,
    release: async () => {
      open = true;
      await Promise.all(held.map((route) => route.continue().catch(() => {})));
    },
  };
};
