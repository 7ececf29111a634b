import type { Member, OrgRole } from '@plinth/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProblemBanner } from '../../app/problem-banner.tsx';
import { useClient } from '../../app/services.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { Name, plainName } from '../../ui/names.tsx';
import { membersQuery } from './queries.ts';
import { roleWithArticle, useOrganization } from './use-organization.ts';

interface MemberDialogProps {
  readonly member: Member;
  /** Told what has happened, in words for a screen reader. */
  readonly onDone: (news: string) => void;
  readonly onClose: () => void;
}

const RIGHTS: Readonly<Record<OrgRole, string>> = {
  OWNER: 'Owners can do everything, and can give and take every role, yours as well.',
  ADMIN: 'Admins can invite and remove people, give roles up to their own, and delete what others wrote.',
  MEMBER: 'Members can read, write and create channels.',
  GUEST: 'Guests can read along, but not write.',
};

/** Asks before somebody gets another role: a list gives each key that is pressed in it as a choice. */
export function ChangeRoleDialog({
  member,
  role,
  onDone,
  onClose,
}: MemberDialogProps & { readonly role: OrgRole }) {
  const client = useClient();
  const queries = useQueryClient();
  const { id: orgId } = useOrganization();
  const change = useMutation({
    mutationFn: () =>
      client.organizations
        .changeRole({ params: { orgId, userId: member.userId }, body: { role } })
        // Before the dialog closes: the role of before would be shown for a moment.
        .finally(() => queries.invalidateQueries(membersQuery(client, orgId))),
    onSuccess: () => {
      onDone(`${plainName(member.name)} is now ${roleWithArticle(role)}.`);
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Make ${plainName(member.name)} ${roleWithArticle(role)}?`}
      onClose={onClose}
      confirm={
        <>
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button busy={change.isPending} onClick={() => change.mutate()}>
            Change role
          </Button>
        </>
      }
    >
      <p>{RIGHTS[role]}</p>
      {change.error && <ProblemBanner error={change.error} />}
    </ConfirmDialog>
  );
}

export function RemoveMemberDialog({ member, onDone, onClose }: MemberDialogProps) {
  const client = useClient();
  const queries = useQueryClient();
  const { id: orgId, name } = useOrganization();
  const remove = useMutation({
    mutationFn: () => client.organizations.removeMember({ params: { orgId, userId: member.userId } }),
    // After a refusal as well: they may have left, or have been removed by somebody else.
    onSettled: () => queries.invalidateQueries(membersQuery(client, orgId)),
    onSuccess: () => {
      onDone(`${plainName(member.name)} is removed.`);
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Remove ${plainName(member.name)}?`}
      onClose={onClose}
      confirm={
        <>
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Remove
          </Button>
        </>
      }
    >
      <p>
        <Name>{member.name}</Name> will no longer see anything of <Name>{name}</Name>. What they wrote stays.
      </p>
      {remove.error && <ProblemBanner error={remove.error} />}
    </ConfirmDialog>
  );
}
