/** Browser tests: one Chromium for a test file, one context for each person. */
import { type Client, createClient } from '@plinth/client';
import type { InvitedRole, SignedIn } from '@plinth/contracts';
import { chromiumFlags, findChromium } from '@plinth/dev-services';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';

const baseURL = process.env.TEST_BASE_URL ?? '';
if (baseURL === '') {
  throw new Error('TEST_BASE_URL is missing: start the browser tests with "npm run test:e2e -w apps/web".');
}

/** Longest wait for anything to appear, in milliseconds. */
const TIMEOUT_MS = 15_000;
export const PASSWORD = 'a rather good password';

export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};

export interface Account {
  readonly name: string;
  readonly email: string;
  readonly userId: string;
  /** The organisation made with the account. */
  readonly orgId: string;
  readonly client: Client;
}

let accounts = 0;
const unique = () => {
  accounts += 1;
  return `${Date.now().toString(36)}-${process.pid}-${accounts}`;
};

export const newEmail = (name: string): string => `${name.toLowerCase()}-${unique()}@example.org`;

/** Signs somebody up through the API. */
export const createAccount = async (name: string): Promise<Account> => {
  const email = newEmail(name);
  const anonymous = createClient({ baseUrl: baseURL });
  const { accessToken, user }: SignedIn = await anonymous.auth.signUp({
    body: { email, password: PASSWORD, name, organizationName: `${name}'s organisation` },
  });
  const client = createClient({ baseUrl: baseURL, token: () => accessToken });
  const [organization] = (await client.organizations.listOrganizations()).items;
  if (!organization) throw new Error(`${name} has no organisation after signing up`);
  return { name, email, userId: user.id, orgId: organization.id, client };
};

/** Makes a person a member of somebody's organisation: invited and accepted, through the API. */
export const joinOrganization = async (
  { client, orgId }: Account,
  person: Account,
  role: InvitedRole = 'MEMBER',
): Promise<void> => {
  const { id } = await client.invitations.inviteMember({
    params: { orgId },
    body: { email: person.email, role },
  });
  await person.client.invitations.acceptInvitation({ params: { invitationId: id } });
};

/** What no page may ever have: errors on its console (refused requests excepted), exceptions, CSP violations. */
const watch = (page: Page, problems: string[]) => {
  page.on('pageerror', (error) => problems.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) problems.push(text);
  });
};

export interface Person {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors so far; a test expects none at its end. */
  readonly problems: readonly string[];
  /** One more tab of the same browser. */
  newTab(): Promise<Page>;
}

export interface TestBrowser {
  /** Somebody with a browser of their own. */
  newPerson(options?: BrowserContextOptions): Promise<Person>;
  /** Closes the contexts of all people so far; after each test. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

/** @param flags further command-line flags of Chromium */
export const startBrowser = async (...flags: readonly string[]): Promise<TestBrowser> => {
  const browser: Browser = await chromium.launch({
    executablePath: await findChromium(),
    args: [...chromiumFlags(), ...flags],
  });
  const contexts: BrowserContext[] = [];
  return {
    newPerson: async (options = {}) => {
      const context = await browser.newContext({ baseURL, ...options });
      contexts.push(context);
      context.setDefaultTimeout(TIMEOUT_MS);
      const problems: string[] = [];
      const newTab = async () => {
        const page = await context.newPage();
        watch(page, problems);
        return page;
      };
      return { page: await newTab(), context, problems, newTab };
    },
    forget: async () => {
      await Promise.all(contexts.splice(0).map((context) => context.close()));
    },
    close: () => browser.close(),
  };
};

/** Signs in on the sign-in page; resolves when it has led on. */
export const signIn = async (page: Page, { email }: Pick<Account, 'email'>): Promise<void> => {
  if (page.url() === 'about:blank') await page.goto('/sign-in');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor({ state: 'detached' });
};

export const accountButton = (page: Page, name: string) =>
  page.getByRole('button', { name: `Account of ${name}`, includeHidden: true });

/** Controls without a name that a screen reader could say. */
export const unnamedControls = async (page: Page): Promise<string[]> => {
  const controls = page.locator(
    'input, textarea, select, button, a[href], [role=button], dialog[open], section',
  );
  const unnamed: string[] = [];
  for (const control of await controls.all()) {
    const tree = await control.ariaSnapshot();
    // "- textbox:" has no name, "- textbox "Email"" has one; what is hidden has no line at all.
    if (/^- (textbox|combobox|button|link|dialog|region)(:|$)/m.test(tree.split('\n')[0] ?? '')) {
      unnamed.push(await control.evaluate((element) => element.outerHTML.slice(0, 200)));
    }
  }
  return unnamed;
};
