/** Nobody becomes a member without accepting, and everybody can leave. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import {
  createAccount,
  joinOrganization,
  newEmail,
  PHONE,
  startBrowser,
  type TestBrowser,
  unnamedControls,
} from '../../../e2e/browser.ts';
import { withCuttableSocket } from '../messages/team.e2e-support.ts';
import {
  holdBack,
  invite,
  line,
  openInvitations,
  openMembers,
  toInvitations,
} from './members.e2e-support.ts';

let browser: TestBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterEach(() => browser.forget());
afterAll(() => browser.close());

const isFocused = (page: Page, name: string) =>
  page.getByRole('region', { name }).evaluate((element) => element === document.activeElement);
const openMenu = (page: Page) => page.getByRole('button', { name: /, switch$/ }).click();

/** Whether a text is ever on the page from now on, however shortly. */
const watchFor = async (page: Page, text: string) => {
  await page.evaluate((wanted) => {
    const look = () => {
      if (document.body.textContent.includes(wanted)) document.documentElement.dataset.seen = wanted;
    };
    new MutationObserver(look).observe(document.body, {
      childList: true,
      subtree: true,
      characterData: true,
    });
  }, text);
  return () => page.evaluate((wanted) => document.documentElement.dataset.seen === wanted, text);
};

/** Follows an address inside the app, without loading the page again. */
const goTo = (page: Page, path: string) => page.evaluate((to) => history.pushState({}, '', to), path);

/** Ada with her members page open, and Bob with his, in browsers of their own. */
const adaAndBob = async () => {
  const [ada, bob] = await Promise.all([createAccount('Ada'), createAccount('Bob')]);
  const [hers, his] = await Promise.all([browser.newPerson(), browser.newPerson()]);
  await openMembers(hers.page, ada);
  return { ada, bob, hers, his };
};

describe('an invitation', () => {
  test('that is accepted opens the organisation, and both see each other without loading again', async () => {
    const { ada, bob, hers, his } = await adaAndBob();
    await openMembers(his.page, bob);
    await invite(hers.page, bob.email, 'GUEST');
    await openInvitations(hers.page).getByText(bob.email).waitFor();
    expect(await line(hers.page, bob.email).textContent()).toMatch(/Invited as guest by Ada, open until \d/);
    expect(await hers.page.getByRole('status').allTextContents()).toContain(`${bob.email} is invited.`);

    // It arrives while he looks at something else.
    await toInvitations(his.page);
    await his.page.getByText('Ada invited you to join as a guest.').waitFor();
    await his.page.getByRole('button', { name: "Accept the invitation to Ada's organisation" }).click();
    await his.page.getByRole('button', { name: "Organisation Ada's organisation, switch" }).waitFor();
    expect(new URL(his.page.url()).pathname).toContain(ada.orgId);
    await his.page.getByRole('link', { name: 'Members' }).click();
    await line(his.page, ada.email).waitFor();
    expect(await his.page.getByRole('button', { name: 'Invite a member' }).count()).toBe(0);
    expect(await openInvitations(his.page).count()).toBe(0);
    expect(await his.page.getByRole('link', { name: /^Invitations/ }).count()).toBe(0);

    await hers.page.getByRole('combobox', { name: 'Role of Bob' }).waitFor();
    await hers.page.getByText('Nobody is invited at the moment.').waitFor();
    expect([...hers.problems, ...his.problems]).toEqual([]);
  });

  test('that is declined goes away, and to those who invited it looks as before', async () => {
    const { bob, hers, his } = await adaAndBob();
    await invite(hers.page, bob.email);
    await openInvitations(hers.page).getByText(bob.email).waitFor();
    await openMembers(his.page, bob);
    await toInvitations(his.page);
    const decline = his.page.getByRole('button', { name: "Decline the invitation to Ada's organisation" });
    await decline.click();
    await his.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await decline.click();
    await his.page.getByRole('dialog').getByRole('button', { name: 'Decline' }).click();
    await his.page.getByText('There are no open invitations for you.').waitFor();
    // Where the button was is nothing: the focus stays in the place, not at the top of the page.
    expect(await isFocused(his.page, 'Invitations')).toBe(true);
    await hers.page.reload();
    await openInvitations(hers.page).getByText(bob.email).waitFor();
    expect(await hers.page.getByText('Bob', { exact: true }).count()).toBe(0);
  });

  test('that is withdrawn disappears while the person invited looks at it, and can be sent again', async () => {
    const { bob, hers, his } = await adaAndBob();
    await invite(hers.page, bob.email);
    await openMembers(his.page, bob);
    await toInvitations(his.page);
    await his.page.getByRole('button', { name: /^Accept/ }).waitFor();

    const withdraw = hers.page.getByRole('button', { name: `Withdraw the invitation of ${bob.email}` });
    await withdraw.click();
    await hers.page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
    await withdraw.waitFor({ state: 'detached' });
    expect(await isFocused(hers.page, 'Open invitations')).toBe(true);
    await his.page.getByText('There are no open invitations for you.').waitFor();

    await invite(hers.page, bob.email);
    await his.page.getByRole('button', { name: /^Accept/ }).click();
    await his.page.getByRole('button', { name: "Organisation Ada's organisation, switch" }).waitFor();
  });

  test('that was withdrawn before the page knew is refused in words, and goes away', async () => {
    const [ada, bob] = await Promise.all([createAccount('Ada'), createAccount('Bob')]);
    const params = { orgId: ada.orgId };
    const { id } = await ada.client.invitations.inviteMember({ params, body: { email: bob.email } });
    const { page } = await browser.newPerson();
    const socket = await withCuttableSocket(page);
    await openMembers(page, bob);
    await toInvitations(page);
    const accept = page.getByRole('button', { name: /^Accept/ });
    await accept.waitFor();
    await socket.cut();
    await ada.client.invitations.revokeInvitation({ params: { ...params, invitationId: id } });
    await accept.click();
    await page.getByRole('alert').getByText('withdrawn').waitFor();
    await accept.waitFor({ state: 'detached' });
    socket.restore();
  });

  test('looks the same whether or not there is an account, and says so', async () => {
    const { bob, hers } = await adaAndBob();
    const nobody = newEmail('nobody');
    const shapeOf = async (email: string) => {
      await invite(hers.page, email);
      await openInvitations(hers.page).getByText(email).waitFor();
      const html = await line(hers.page, email).innerHTML();
      return html.replaceAll(email, '…').replace(/datetime="[^"]+"/, '');
    };
    expect(await shapeOf(bob.email)).toBe(await shapeOf(nobody));
    await hers.page.getByRole('button', { name: 'Invite a member' }).click();
    await hers.page.getByText('the same whether or not they have an account').waitFor();
    await hers.page.keyboard.press('Escape');
    await invite(hers.page, nobody);
    await hers.page.getByRole('dialog').getByText('invited already').waitFor();
  });
});

describe('a list of organisations that is older than the membership', () => {
  test('does not make the page of an accepted invitation one that is not found', async () => {
    const { ada, bob, hers, his } = await adaAndBob();
    await invite(hers.page, bob.email);
    await openMembers(his.page, bob);
    await toInvitations(his.page);
    const everShown = await watchFor(his.page, 'Page not found');
    const lists = await holdBack(his.page, /\/api\/v1\/orgs(\?|$)/);
    await his.page.getByRole('button', { name: /^Accept/ }).click();
    await his.page.getByRole('button', { name: "Organisation Ada's organisation, switch" }).waitFor();
    await his.page.getByRole('link', { name: 'Members' }).click();
    await line(his.page, ada.email).waitFor();
    await lists.release();
    expect(await everShown()).toBe(false);
    expect(his.problems).toEqual([]);
  });

  test('is not asked whether a page exists: the server is', async () => {
    const [ada, bob] = await Promise.all([createAccount('Ada'), createAccount('Bob')]);
    const { page } = await browser.newPerson();
    const socket = await withCuttableSocket(page);
    await openMembers(page, bob);
    await socket.cut();
    await joinOrganization(ada, bob);
    const everShown = await watchFor(page, 'Page not found');
    await goTo(page, `/o/${ada.orgId}/members`);
    await line(page, ada.email).waitFor();
    expect(await everShown()).toBe(false);
    await goTo(page, `/o/${crypto.randomUUID()}/members`);
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    socket.restore();
  });
});

describe('leaving', () => {
  test('asks first, ends the membership, and the way back is another invitation', async () => {
    const { ada, bob, hers, his } = await adaAndBob();
    await joinOrganization(ada, bob);
    await openMembers(his.page, bob, ada.orgId);
    await openMenu(his.page);
    await his.page.getByRole('menuitem', { name: "Leave Ada's organisation" }).click();
    const dialog = his.page.getByRole('dialog', { name: "Leave Ada's organisation?" });
    await dialog.getByRole('button', { name: 'Leave' }).click();
    await his.page.getByRole('button', { name: "Organisation Bob's organisation, switch" }).waitFor();
    await openMenu(his.page);
    expect(await his.page.getByRole('menuitemradio').allTextContents()).toEqual(["Bob's organisation"]);
    await his.page.keyboard.press('Escape');
    await his.page.goto(`/o/${ada.orgId}`);
    await his.page.getByRole('heading', { name: 'Page not found' }).waitFor();

    await hers.page.reload();
    await hers.page.getByText('Nobody is invited').waitFor();
    expect(await line(hers.page, bob.email).count()).toBe(0);
    await invite(hers.page, bob.email);
    await his.page.getByRole('link', { name: 'Back to the start' }).click();
    await toInvitations(his.page);
    await his.page.getByRole('button', { name: /^Accept/ }).click();
    await his.page.getByRole('button', { name: "Organisation Ada's organisation, switch" }).waitFor();
    expect([...hers.problems, ...his.problems]).toEqual([]);
  });

  test('is refused to the last owner with the remedy, which works', async () => {
    const { ada, bob, hers } = await adaAndBob();
    await joinOrganization(ada, bob);
    const { page } = hers;
    await page.reload();
    await openMenu(page);
    await page.getByRole('menuitem', { name: /^Leave/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('alert').getByText('You are its only owner').waitFor();
    await page.getByRole('alert').getByRole('link', { name: 'Members' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('combobox', { name: 'Role of Bob' }).selectOption('Owner');
    await page
      .getByRole('dialog', { name: 'Make Bob an owner?' })
      .getByRole('button', { name: 'Change role' })
      .click();
    await line(page, bob.email)
      .locator('option:checked', { hasText: 'Owner' })
      .waitFor({ state: 'attached' });
    await openMenu(page);
    await page.getByRole('menuitem', { name: /^Leave/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
    // The only one she had.
    const nowhere = page.getByRole('heading', { name: 'You are in no organisation' });
    await nowhere.waitFor();
    expect(await nowhere.evaluate((heading) => heading === document.activeElement)).toBe(true);
    const { items } = await ada.client.organizations.listOrganizations();
    expect(items).toEqual([]);

    // Who has none meets the invitations on the start page.
    await bob.client.invitations.inviteMember({ params: { orgId: ada.orgId }, body: { email: ada.email } });
    await page.getByRole('button', { name: "Accept the invitation to Ada's organisation" }).click();
    await page.getByRole('button', { name: "Organisation Ada's organisation, switch" }).waitFor();
  });
});

describe('on a phone', () => {
  test('inviting, accepting and declining fit, and each control has a name', async () => {
    const [ada, bob] = await Promise.all([createAccount('Ada'), createAccount('Bob')]);
    const long = `${'a-very-long-address'.repeat(3)}@${'sub.'.repeat(10)}example.org`;
    for (const email of [long, bob.email])
      await ada.client.invitations.inviteMember({ params: { orgId: ada.orgId }, body: { email } });
    const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    const [hers, his] = await Promise.all([browser.newPerson(PHONE), browser.newPerson(PHONE)]);
    await openMembers(hers.page, ada);
    await openInvitations(hers.page).getByText(long).waitFor();
    expect(await overflow(hers.page)).toBeLessThanOrEqual(0);
    expect(await unnamedControls(hers.page)).toEqual([]);

    await openMembers(his.page, bob);
    await his.page.getByRole('button', { name: 'Open navigation' }).tap();
    await toInvitations(his.page);
    await his.page.getByRole('button', { name: /^Decline/ }).waitFor();
    expect(await overflow(his.page)).toBeLessThanOrEqual(0);
    expect(await unnamedControls(his.page)).toEqual([]);
    await his.page.getByRole('button', { name: /^Accept/ }).tap();
    await his.page.getByRole('button', { name: 'Open navigation' }).waitFor();
    expect([...hers.problems, ...his.problems]).toEqual([]);
  });
});
