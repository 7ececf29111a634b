import { randomUUID } from 'node:crypto';
import { type Client, createClient } from '@plinth/client';
import type { contracts, ReplyOf } from '@plinth/contracts';

const unique = () => randomUUID().slice(0, 13);

/** A running API and clients of it. */
export interface Service {
  client(token?: string): Client;
}

/** Clients of the API at this address. */
export const clientOf = (url: string): Service => ({
  client: (token) => createClient({ baseUrl: url, token: () => token }),
});

export const TEST_PASSWORD = 'correct horse battery staple';

/** A person who has signed up and owns an organisation. */
export async function signUp(app: Service, name = 'Ada') {
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
  app: Service,
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
