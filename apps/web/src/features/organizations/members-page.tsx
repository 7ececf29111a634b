import type { Member, OrgRole } from '@plinth/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Loaded } from '../../app/loaded.tsx';
import { PageHeading } from '../../app/page-heading.tsx';
import { useClient } from '../../app/services.tsx';
import { Avatar } from '../../ui/avatar.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { DeleteIcon, PlusIcon } from '../../ui/icons.tsx';
import { Name, plainName } from '../../ui/names.tsx';
import { LoadingNote, Skeleton } from '../../ui/skeleton.tsx';
import { useKeptFocus } from '../../ui/use-kept-focus.ts';
import { useUser } from '../auth/index.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { ChangeRoleDialog, RemoveMemberDialog } from './member-dialogs.tsx';
import { OpenInvitations } from './open-invitations.tsx';
import { membersQuery } from './queries.ts';
import { isManager, ROLE_NAMES, rolesInReach, useOrganization } from './use-organization.ts';

export function MembersPage() {
  const organization = useOrganization();
  const members = useInfiniteQuery(membersQuery(useClient(), organization.id));
  const [inviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<Member>();
  const [choice, setChoice] = useState<{ readonly member: Member; readonly role: OrgRole }>();
  /** What has happened last, for screen readers. */
  const [news, setNews] = useState<string>();
  const section = useKeptFocus();
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
            <Button onClick={() => setInviting(true)}>
              <PlusIcon />
              Invite a member
            </Button>
          )}
        </header>
        <section ref={section} tabIndex={-1} aria-label="Members" className="outline-none">
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
                    role={choice?.member.userId === member.userId ? choice.role : member.role}
                    onRole={(role) => setChoice({ member, role })}
                    {...(manager && member.role !== 'OWNER' ? { onRemove: setRemoving } : {})}
                  />
                ))}
              </ul>
            )}
          </Loaded>
          {removing && (
            <RemoveMemberDialog member={removing} onDone={setNews} onClose={() => setRemoving(undefined)} />
          )}
          {choice && <ChangeRoleDialog {...choice} onDone={setNews} onClose={() => setChoice(undefined)} />}
        </section>
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
        {manager && (
          <OpenInvitations onWithdrawn={(email) => setNews(`The invitation of ${email} is withdrawn.`)} />
        )}
        <p role="status" className="sr-only">
          {news}
        </p>
      </div>
      {inviting && (
        <InviteDialog
          onInvited={({ email }) => setNews(`${email} is invited.`)}
          onClose={() => setInviting(false)}
        />
      )}
    </main>
  );
}

interface MemberRowProps {
  readonly member: Member;
  /** What is chosen: the role that they have, or the one that is being asked about. */
  readonly role: OrgRole;
  /** Another role was chosen; nothing is done yet. */
  readonly onRole: (role: OrgRole) => void;
  readonly onRemove?: (member: Member) => void;
}

function MemberRow({ member, role: chosen, onRole, onRemove }: MemberRowProps) {
  const me = useUser();
  const roles = rolesInReach(useOrganization().role);
  const isMe = member.userId === me.id;
  return (
    <li className="flex flex-wrap items-center justify-end gap-3 px-4 py-3">
      <Avatar id={member.userId} name={member.name} />
      <div className="min-w-40 flex-1">
        <p className="font-medium wrap-anywhere">
          <Name>{member.name}</Name>
          {isMe && <span className="font-normal text-muted"> (you)</span>}
        </p>
        <p className="text-sm text-muted wrap-anywhere">{member.email}</p>
      </div>
      <div className="flex items-center gap-2">
        {isMe || !roles.includes(member.role) ? (
          <span className="rounded-sm bg-sunken px-2 py-0.5 text-sm text-muted">
            {ROLE_NAMES[member.role]}
          </span>
        ) : (
          <select
            aria-label={`Role of ${plainName(member.name)}`}
            value={chosen}
            onChange={({ target }) => {
              const role = roles.find((one) => one === target.value);
              if (role) onRole(role);
            }}
            className="min-h-9 rounded-md border border-line-strong bg-surface px-2 text-sm"
          >
            {roles.map((role) => (
              <option key={role} value={role}>
                {ROLE_NAMES[role]}
              </option>
            ))}
          </select>
        )}
        {onRemove && !isMe && (
          <IconButton label={`Remove ${plainName(member.name)}`} onClick={() => onRemove(member)}>
            <DeleteIcon />
          </IconButton>
        )}
      </div>
    </li>
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
