import type { Invitation, InvitedRole } from '@plinth/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { Form } from '../../app/form.tsx';
import { useClient } from '../../app/services.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { openInvitationsQuery } from './queries.ts';
import { useOrganization } from './use-organization.ts';

const ROLES: Readonly<Record<InvitedRole, string>> = {
  MEMBER: 'Member: reads and writes',
  GUEST: 'Guest: reads only',
  ADMIN: 'Admin: also manages people',
};

const isRole = (value: string | undefined): value is InvitedRole => value !== undefined && value in ROLES;

interface InviteDialogProps {
  readonly onInvited: (invitation: Invitation) => void;
  readonly onClose: () => void;
}

export function InviteDialog({ onInvited, onClose }: InviteDialogProps) {
  const client = useClient();
  const queries = useQueryClient();
  const { id: orgId } = useOrganization();

  const invite = async ({ email = '', role }: Readonly<Record<string, string>>) => {
    const invitation = await client.invitations.inviteMember({
      params: { orgId },
      body: { email, ...(isRole(role) ? { role } : {}) },
    });
    await queries.invalidateQueries(openInvitationsQuery(client, orgId));
    onInvited(invitation);
    onClose();
  };

  return (
    <Dialog title="Invite a member" onClose={onClose}>
      <p className="text-muted">
        They become a member when they accept: the invitation waits for them when they sign in with this
        address. No mail is sent. What you see here is the same whether or not they have an account.
      </p>
      <Form
        submit="Invite"
        fields={['email', 'role']}
        onSubmit={invite}
        cancel={
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
        }
      >
        {(errorOf) => (
          <>
            <Field label="Email" name="email" type="email" autoComplete="off" error={errorOf('email')} />
            <Select label="Role" name="role" error={errorOf('role')}>
              {Object.entries(ROLES).map(([role, name]) => (
                <option key={role} value={role}>
                  {name}
                </option>
              ))}
            </Select>
          </>
        )}
      </Form>
    </Dialog>
  );
}
