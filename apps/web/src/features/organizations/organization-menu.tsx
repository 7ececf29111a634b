import type { Organization } from '@plinth/contracts';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Form } from '../../app/form.tsx';
import { useClient } from '../../app/services.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { CheckIcon, ChevronIcon, LeaveIcon, PlusIcon } from '../../ui/icons.tsx';
import { Menu, MenuItem, menuItem } from '../../ui/menu.tsx';
import { Name, plainName } from '../../ui/names.tsx';
import { LeaveDialog } from './leave-dialog.tsx';
import { useOwnOrganizations } from './queries.ts';
import { ROLE_NAMES, useOrganization } from './use-organization.ts';

/** The organisation one is in, and the way to the others. */
export function OrganizationMenu({ organizations }: { readonly organizations: readonly Organization[] }) {
  const current = useOrganization();
  const [creating, setCreating] = useState(false);
  const [leaving, setLeaving] = useState(false);
  return (
    <div className="border-b border-side-line px-2 pb-2">
      <Menu
        label={`Organisation ${plainName(current.name)}, switch`}
        buttonClass="flex w-full min-w-0 items-center gap-2 rounded-md px-2 py-2 text-left hover:bg-side-raised"
        panelClass="top-full left-0 mt-1 max-h-[70dvh] w-full overflow-y-auto"
        button={
          <>
            <span className="min-w-0 flex-1">
              <Name className="block truncate font-semibold">{current.name}</Name>
              <span className="block text-sm text-side-muted">{ROLE_NAMES[current.role]}</span>
            </span>
            <ChevronIcon className="size-4 shrink-0 text-side-muted" />
          </>
        }
      >
        {(close) => (
          <>
            {organizations.map(({ id, name }) => (
              <Link
                key={id}
                to="/o/$orgId"
                params={{ orgId: id }}
                {...menuItem}
                role="menuitemradio"
                aria-checked={id === current.id}
                onClick={close}
              >
                <Name className="min-w-0 flex-1 truncate">{name}</Name>
                {id === current.id && <CheckIcon className="size-4 text-accent" />}
              </Link>
            ))}
            <hr className="my-1 border-line" />
            <MenuItem
              onClick={() => {
                close();
                setLeaving(true);
              }}
            >
              <LeaveIcon />
              <span className="min-w-0 truncate">
                Leave <Name>{current.name}</Name>
              </span>
            </MenuItem>
            <MenuItem
              onClick={() => {
                close();
                setCreating(true);
              }}
            >
              <PlusIcon />
              New organisation
            </MenuItem>
          </>
        )}
      </Menu>
      {creating && <NewOrganizationDialog onClose={() => setCreating(false)} />}
      {leaving && <LeaveDialog onClose={() => setLeaving(false)} />}
    </div>
  );
}

export function NewOrganizationDialog({ onClose }: { readonly onClose: () => void }) {
  const client = useClient();
  const navigate = useNavigate();
  const { joined } = useOwnOrganizations();

  const create = async ({ name = '' }: Readonly<Record<string, string>>) => {
    const organization = await client.organizations.createOrganization({ body: { name } });
    joined(organization);
    onClose();
    await navigate({ to: '/o/$orgId', params: { orgId: organization.id } });
  };

  return (
    <Dialog title="New organisation" onClose={onClose}>
      <Form
        submit="Create organisation"
        fields={['name']}
        onSubmit={create}
        cancel={
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
        }
      >
        {(errorOf) => (
          <Field
            label="Name"
            name="name"
            autoComplete="off"
            hint="You will be its owner."
            error={errorOf('name')}
          />
        )}
      </Form>
    </Dialog>
  );
}
