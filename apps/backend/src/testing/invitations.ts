import type { InvitedRole } from '@plinth/contracts';
import type { TestApp } from './create-test-app.ts';
import type { Person } from './factories.ts';

/** The verbs of invitations, for tests. */
export const invite = (
  { api, orgId }: Pick<Person, 'api' | 'orgId'>,
  email: string,
  role: InvitedRole = 'MEMBER',
) => api.invitations.inviteMember({ params: { orgId }, body: { email, role } });
export const revoke = ({ api, orgId }: Person, invitationId: string) =>
  api.invitations.revokeInvitation({ params: { orgId, invitationId } });
export const accept = ({ api }: Person, invitationId: string) =>
  api.invitations.acceptInvitation({ params: { invitationId } });
export const decline = ({ api }: Person, invitationId: string) =>
  api.invitations.declineInvitation({ params: { invitationId } });
/** What a person sees first. */
export const received = async ({ api }: Person) => (await api.invitations.listMyInvitations()).items;
/** What owners and admins see first. */
export const sent = async ({ api, orgId }: Person) =>
  (await api.invitations.listInvitations({ params: { orgId } })).items;

/** Moves everything about invitations so many days into the past, as if they had gone by. */
export const daysGoBy = (app: TestApp, days: number) =>
  app.platform.database.query(
    `UPDATE invitations SET created_at = created_at - make_interval(days => $1),
       expires_at = expires_at - make_interval(days => $1), declined_at = declined_at - make_interval(days => $1)`,
    [days],
  );
