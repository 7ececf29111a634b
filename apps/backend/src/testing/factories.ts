import { randomUUID } from 'node:crypto';
import { type Client, createClient } from '@plinth/client';
import type { contracts, InvitedRole, ReplyOf } from '@plinth/contracts';

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

/** Makes a person a member of another one's organisation, as people do: invite and accept. */
export async function join(
  inviter: Pick<Person, 'api' | 'orgId'>,
  person: Pick<Person, 'api' | 'email'>,
  role: InvitedRole = 'MEMBER',
): Promise<void> {
  const { id } = await inviter.api.invitations.inviteMember({
    params: { orgId: inviter.orgId },
    body: { email: person.email, role },
  });
  await person.api.invitations.acceptInvitation({ params: { invitationId: id } });
}

/** A second person, made a member of the first one's organisation. */
export async function addColleague(
  app: Service,
  owner: Person,
  role: InvitedRole = 'MEMBER',
  name = 'Grace',
): Promise<Person> {
  const colleague = await signUp(app, name);
  await join(owner, colleague, role);
  return { ...colleague, orgId: owner.orgId };
}

export type SignedIn = ReplyOf<(typeof contracts)['auth']['signUp']>;
