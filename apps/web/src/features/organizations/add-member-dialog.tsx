import type { OrgRole } from '@plinth/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { Form } from '../../app/form.tsx';
import { useClient } from '../../app/services.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { membersQuery } from './queries.ts';
import { useOrganization } from './use-organization.ts';

const ROLES = {
  MEMBER: 'Member: reads and writes',
  GUEST: 'Guest: reads only',
  ADMIN: 'Admin: also manages people',
} as const satisfies Partial<Record<OrgRole, string>>;

const isRole = (value: string | undefined): value is keyof typeof ROLES =>
  value !== undefined && value in ROLES;

export function AddMemberDialog({ onClose }: { readonly onClose: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const { id: orgId } = useOrganization();

  const add = async ({ email = '', role }: Readonly<Record<string, string>>) => {
    await client.invitations.inviteMember({
      params: { orgId },
      body: { email, ...(isRole(role) ? { role } : {}) },
    });
    await queries.invalidateQueries(membersQuery(client, orgId));
    onClose();
  };

  return (
    <Dialog title="Add a member" onClose={onClose}>
      <Form
        submit="Add"
        fields={['email', 'role']}
        onSubmit={add}
        cancel={
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
        }
      >
        {(errorOf) => (
          <>
            <Field
              label="Email"
              name="email"
              type="email"
              autoComplete="off"
              hint="They become a member when they accept."
              error={errorOf('email')}
            />
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
