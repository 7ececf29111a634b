import type { ReceivedInvitation } from '@plinth/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Day } from '../../app/day.tsx';
import { Loaded } from '../../app/loaded.tsx';
import { ProblemBanner } from '../../app/problem-banner.tsx';
import { useClient } from '../../app/services.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { Name, plainName } from '../../ui/names.tsx';
import { LoadingNote, Skeleton } from '../../ui/skeleton.tsx';
import { useKeptFocus } from '../../ui/use-kept-focus.ts';
import { myInvitationsQuery, useOwnOrganizations } from './queries.ts';
import { roleWithArticle } from './use-organization.ts';

interface MyInvitationsProps {
  /** In place of the list when there are none. */
  readonly empty: ReactNode;
  /** What stands around the list when there are some. */
  readonly around?: (list: ReactNode) => ReactNode;
}

/** The invitations of the signed-in person, to be accepted or declined. */
export function MyInvitations({ empty, around = (list) => list }: MyInvitationsProps) {
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { joined } = useOwnOrganizations();
  const invitations = useQuery(myInvitationsQuery(client));
  const [declining, setDeclining] = useState<ReceivedInvitation>();
  const section = useKeptFocus();
  // Above the list and not beside the line: one that was withdrawn takes its line with it.
  const accept = useMutation({
    mutationFn: ({ id }: ReceivedInvitation) =>
      client.invitations.acceptInvitation({ params: { invitationId: id } }),
    onSuccess: (organization) => {
      joined(organization);
      return navigate({ to: '/o/$orgId', params: { orgId: organization.id } });
    },
    onSettled: () => queries.invalidateQueries(myInvitationsQuery(client)),
  });

  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-label="Invitations"
      className="flex grow flex-col gap-4 outline-none"
    >
      {accept.error && <ProblemBanner error={accept.error} />}
      <Loaded
        query={invitations}
        isEmpty={(all) => all.length === 0}
        loading={<InvitationSkeleton />}
        empty={empty}
      >
        {(all) =>
          around(
            <ul className="flex flex-col gap-3">
              {all.map((invitation) => (
                <InvitationCard
                  key={invitation.id}
                  invitation={invitation}
                  accepting={accept.isPending && accept.variables.id === invitation.id}
                  onAccept={() => accept.mutate(invitation)}
                  onDecline={() => setDeclining(invitation)}
                />
              ))}
            </ul>,
          )
        }
      </Loaded>
      {declining && <DeclineDialog invitation={declining} onClose={() => setDeclining(undefined)} />}
    </section>
  );
}

interface InvitationCardProps {
  readonly invitation: ReceivedInvitation;
  readonly accepting: boolean;
  readonly onAccept: () => void;
  readonly onDecline: () => void;
}

function InvitationCard({ invitation, accepting, onAccept, onDecline }: InvitationCardProps) {
  const { organization, invitedBy, role, expiresAt } = invitation;
  const subject = `the invitation to ${plainName(organization.name)}`;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-lg border border-line bg-surface px-4 py-4 sm:px-5">
      <div className="min-w-52 flex-1">
        <h2 className="text-lg font-semibold wrap-anywhere">
          <Name>{organization.name}</Name>
        </h2>
        <p className="text-sm text-muted wrap-anywhere">
          <Name>{invitedBy.name}</Name> invited you to join as {roleWithArticle(role)}. Open until{' '}
          <Day of={expiresAt} />.
        </p>
      </div>
      <div className="flex flex-wrap gap-2.5 max-sm:w-full max-sm:[&>*]:grow">
        <Button look="quiet" aria-label={`Decline ${subject}`} onClick={onDecline}>
          Decline
        </Button>
        <Button busy={accepting} aria-label={`Accept ${subject}`} onClick={onAccept}>
          Accept
        </Button>
      </div>
    </li>
  );
}

interface DeclineDialogProps {
  readonly invitation: ReceivedInvitation;
  readonly onClose: () => void;
}

function DeclineDialog({ invitation, onClose }: DeclineDialogProps) {
  const client = useClient();
  const queries = useQueryClient();
  const decline = useMutation({
    mutationFn: () => client.invitations.declineInvitation({ params: { invitationId: invitation.id } }),
    onSettled: () => queries.invalidateQueries(myInvitationsQuery(client)),
    onSuccess: onClose,
  });
  return (
    <ConfirmDialog
      title={`Decline the invitation to ${plainName(invitation.organization.name)}?`}
      onClose={onClose}
      confirm={
        <>
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button look="danger" busy={decline.isPending} onClick={() => decline.mutate()}>
            Decline
          </Button>
        </>
      }
    >
      <p>
        They are not told. For 30 days you won’t see invitations from{' '}
        <Name>{invitation.organization.name}</Name>.
      </p>
      {decline.error && <ProblemBanner error={decline.error} />}
    </ConfirmDialog>
  );
}

function InvitationSkeleton() {
  return (
    <div className="flex flex-col gap-3 rounded-lg border border-line bg-surface p-5">
      <LoadingNote>Loading invitations</LoadingNote>
      <Skeleton className="w-40" />
      <Skeleton className="w-64" />
    </div>
  );
}
