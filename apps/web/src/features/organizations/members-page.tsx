import type { Member } from '@plinth/contracts';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Loaded } from '../../app/loaded.tsx';
import { PageHeading } from '../../app/page-heading.tsx';
import { ProblemBanner } from '../../app/problem-banner.tsx';
import { useClient } from '../../app/services.tsx';
import { Avatar } from '../../ui/avatar.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { DeleteIcon, PlusIcon } from '../../ui/icons.tsx';
import { Name, plainName } from '../../ui/names.tsx';
import { LoadingNote, Skeleton } from '../../ui/skeleton.tsx';
import { useUser } from '../auth/index.tsx';
import { AddMemberDialog } from './add-member-dialog.tsx';
import { membersQuery } from './queries.ts';
import { isManager, ROLE_NAMES, useOrganization } from './use-organization.ts';

export function MembersPage() {
  const organization = useOrganization();
  const members = useInfiniteQuery(membersQuery(useClient(), organization.id));
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Member>();
  const manager = isManager(organization.role);

  return (
    <main id="main" tabIndex={-1} className="min-h-0 flex-1 overflow-y-auto outline-none">
      <title>{`Members · ${plainName(organization.name)} · Plinth`}</title>
      <div className="mx-auto flex max-w-3xl flex-col gap-6 px-4 py-6 sm:px-8 sm:py-10">
        <header className="flex flex-wrap items-center justify-between gap-3">
          <div>
            <PageHeading className="text-3xl font-semibold">Members</PageHeading>
            <p className="text-muted">
              Everybody in <Name>{organization.name}</Name>.
            </p>
          </div>
          {manager && (
            <Button onClick={() => setAdding(true)}>
              <PlusIcon />
              Add a member
            </Button>
          )}
        </header>
        <Loaded
          query={members}
          isEmpty={(list) => list.length === 0}
          loading={<MembersSkeleton />}
          empty={null}
        >
          {(list) => (
            <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
              {list.map((member) => (
                <MemberRow
                  key={member.userId}
                  member={member}
                  {...(manager && member.role !== 'OWNER' ? { onRemove: setRemoving } : {})}
                />
              ))}
            </ul>
          )}
        </Loaded>
        {members.hasNextPage && (
          <Button
            look="quiet"
            className="self-center"
            busy={members.isFetchingNextPage}
            onClick={() => void members.fetchNextPage()}
          >
            Show more members
          </Button>
        )}
      </div>
      {adding && <AddMemberDialog onClose={() => setAdding(false)} />}
      {removing && <RemoveMemberDialog member={removing} onClose={() => setRemoving(undefined)} />}
    </main>
  );
}

interface MemberRowProps {
  readonly member: Member;
  readonly onRemove?: (member: Member) => void;
}

function MemberRow({ member, onRemove }: MemberRowProps) {
  const me = useUser();
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <Avatar id={member.userId} name={member.name} />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">
          <Name>{member.name}</Name>
          {member.userId === me.id && <span className="font-normal text-muted"> (you)</span>}
        </p>
        <p className="truncate text-sm text-muted">{member.email}</p>
      </div>
      <span className="rounded-sm bg-sunken px-2 py-0.5 text-sm text-muted">{ROLE_NAMES[member.role]}</span>
      {onRemove && member.userId !== me.id && (
        <IconButton label={`Remove ${plainName(member.name)}`} onClick={() => onRemove(member)}>
          <DeleteIcon />
        </IconButton>
      )}
    </li>
  );
}

function RemoveMemberDialog({ member, onClose }: { readonly member: Member; readonly onClose: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const { id: orgId, name } = useOrganization();
  const remove = useMutation({
    mutationFn: () => client.organizations.removeMember({ params: { orgId, userId: member.userId } }),
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries(membersQuery(client, orgId));
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

function MembersSkeleton() {
  return (
    <div className="flex flex-col gap-4 rounded-lg border border-line bg-surface p-4">
      <LoadingNote>Loading members</LoadingNote>
      {['w-40', 'w-56', 'w-32'].map((width) => (
        <div key={width} className="flex items-center gap-3">
          <Skeleton className="size-9 h-9" />
          <Skeleton className={width} />
        </div>
      ))}
    </div>
  );
}
