import { randomUUID } from 'node:crypto';
import type { contracts, ReplyOf } from '@plinth/contracts';
import type { TestApp } from './create-test-app.ts';

const unique = () => randomUUID().slice(0, 13);

export const TEST_PASSWORD = 'correct horse battery staple';

/** A person who has signed up and owns an organisation. */
export async function signUp(app: Pick<TestApp, 'client'>, name = 'Ada') {
  const email = `${name.toLowerCase()}-${unique()}@example.com`;
  const signedIn = await app.client().auth.signUp({
    body: { email, password: TEST_PASSWORD, name, organizationName: `${name}'s place` },
  });
  const api = app.client(signedIn.accessToken);
  const { items } = await api.organizations.listOrganizations();
  const [organization] = items;
  if (!organization) throw new Error('Sign-up created no organisation.');
  return { ...signedIn, email, api, orgId: organization.id };
}

export type Person = Awaited<ReturnType<typeof signUp>>;

/** A second person, made a member of the first one's organisation. */
export async function addColleague(
  app: Pick<TestApp, 'client'>,
  owner: Person,
  role: 'ADMIN' | 'MEMBER' | 'GUEST' = 'MEMBER',
  name = 'Grace',
): Promise<Person> {
  const colleague = await signUp(app, name);
  await owner.api.organizations.addMember({
    params: { orgId: owner.orgId },
    body: { email: colleague.email, role },
  });
  return { ...colleague, orgId: owner.orgId };
}

export type SignedIn = ReplyOf<(typeof contracts)['auth']['signUp']>;
