/** The page of members follows what other people do, and does nothing that was not confirmed. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createAccount,
  joinOrganization,
  newEmail,
  startBrowser,
  type TestBrowser,
} from '../../../e2e/browser.ts';
import { withCuttableSocket } from '../messages/team.e2e-support.ts';
import { holdBack, member, openInvitations, openMembers } from './members.e2e-support.ts';

let browser: TestBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterEach(() => browser.forget());
afterAll(() => browser.close());

/** Ada looks at the members of her organisation, of which Bob is one. */
const adaLooks = async (role: 'ADMIN' | 'MEMBER' | 'GUEST' = 'MEMBER') => {
  const [ada, bob] = await Promise.all([createAccount('Ada'), createAccount('Bob')]);
  await joinOrganization(ada, bob, role);
  const { page, problems } = await browser.newPerson();
  const socket = await withCuttableSocket(page);
  await openMembers(page, ada);
  await member(page, bob.email).waitFor();
  return { ada, bob, page, problems, socket, params: { orgId: ada.orgId } };
};

describe('while somebody looks at the members', () => {
  test('who joins appears, who gets another role has it, who leaves disappears', async () => {
    const { ada, bob, page, problems, params } = await adaLooks();
    const eve = await createAccount('Eve');
    await joinOrganization(ada, eve, 'GUEST');
    await member(page, eve.email).waitFor();
    await ada.client.organizations.changeRole({
      params: { ...params, userId: eve.userId },
      body: { role: 'MEMBER' },
    });
    await member(page, eve.email)
      .locator('option:checked', { hasText: 'Member' })
      .waitFor({ state: 'attached' });
    await bob.client.organizations.leaveOrganization({ params });
    await member(page, bob.email).waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
  });

  test('an invitation by somebody else appears, and is gone when it is withdrawn or accepted', async () => {
    const { ada, bob, page, params } = await adaLooks('ADMIN');
    const eve = await createAccount('Eve');
    const nobody = newEmail('nobody');
    const open = openInvitations(page);
    const invite = (email: string) => bob.client.invitations.inviteMember({ params, body: { email } });
    const { id } = await invite(nobody);
    await open.getByText(nobody).waitFor();
    await ada.client.invitations.revokeInvitation({ params: { ...params, invitationId: id } });
    await open.getByText(nobody).waitFor({ state: 'detached' });
    const { id: hers } = await invite(eve.email);
    await open.getByText(eve.email).waitFor();
    await eve.client.invitations.acceptInvitation({ params: { invitationId: hers } });
    await open.getByText(eve.email).waitFor({ state: 'detached' });
    await page.getByRole('combobox', { name: 'Role of Eve' }).waitFor();
  });

  test('who left unnoticed cannot be removed, which is said, and disappears', async () => {
    const { bob, page, socket, params } = await adaLooks();
    await socket.cut();
    await bob.client.organizations.leaveOrganization({ params });
    await page.getByRole('button', { name: 'Remove Bob' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove Bob?' });
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await dialog.getByRole('alert').getByText('no such member').waitFor();
    await member(page, bob.email).waitFor({ state: 'detached' });
    // The problem has no heading: "Not found" says nothing to whoever reads the sentence.
    expect(await dialog.getByText('Not found', { exact: true }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    expect(await focused()).toBe('Members');
    socket.restore();
  });
});

describe('a role', () => {
  test('is not given by a key in the list, but after a question, and is shown as chosen meanwhile', async () => {
    const { ada, bob, page, problems, params } = await adaLooks('GUEST');
    const roleOfBob = async () => {
      const { items } = await ada.client.organizations.listMembers({ params });
      return items.find(({ userId }) => userId === bob.userId)?.role;
    };
    const roles = page.getByRole('combobox', { name: 'Role of Bob', includeHidden: true });
    const question = (role: string) => page.getByRole('dialog', { name: `Make Bob ${role}?` });
    await roles.focus();
    await page.keyboard.press('ArrowUp');
    await question('a member').waitFor();
    await page.keyboard.press('Escape');
    await question('a member').waitFor({ state: 'detached' });
    expect(await roles.inputValue()).toBe('GUEST');
    expect(await roleOfBob()).toBe('GUEST');

    const answers = await holdBack(page, /\/members\//, 'PATCH');
    await roles.selectOption('Admin');
    expect(answers.count()).toBe(0);
    await question('an admin').getByRole('button', { name: 'Change role' }).click();
    await question('an admin').locator('[aria-busy=true]').waitFor();
    expect(await roles.inputValue()).toBe('ADMIN');
    await answers.release();
    await page.getByRole('status').getByText('Bob is now an admin.').waitFor({ state: 'attached' });
    await question('an admin').waitFor({ state: 'detached' });
    expect(await roles.inputValue()).toBe('ADMIN');
    expect(await roleOfBob()).toBe('ADMIN');
    expect(await roles.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(problems).toEqual([]);
  });
});
