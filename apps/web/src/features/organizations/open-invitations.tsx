import type { Invitation } from '@plinth/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Day } from '../../app/day.tsx';
import { Loaded } from '../../app/loaded.tsx';
import { ProblemBanner } from '../../app/problem-banner.tsx';
import { useClient } from '../../app/services.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { CloseIcon } from '../../ui/icons.tsx';
import { Name } from '../../ui/names.tsx';
import { LoadingNote, Skeleton } from '../../ui/skeleton.tsx';
import { useKeptFocus } from '../../ui/use-kept-focus.ts';
import { openInvitationsQuery } from './queries.ts';
import { ROLE_NAMES, useOrganization } from './use-organization.ts';

/** Whom the organisation has invited and who has not joined yet; for those who manage people. */
export function OpenInvitations({ onWithdrawn }: { readonly onWithdrawn: (email: string) => void }) {
  const client = useClient();
  const { id: orgId } = useOrganization();
  const invitations = useQuery(openInvitationsQuery(client, orgId));
  const [withdrawing, setWithdrawing] = useState<Invitation>();
  const section = useKeptFocus();

  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-labelledby="open-invitations"
      className="flex flex-col gap-3 outline-none"
    >
      <h2 id="open-invitations" className="text-xl font-semibold">
        Open invitations
      </h2>
      <Loaded
        query={invitations}
        isEmpty={(list) => list.length === 0}
        loading={<InvitationsSkeleton />}
        empty={<p className="text-muted">Nobody is invited at the moment.</p>}
        failed={(retry) => (
          <div className="flex flex-wrap items-center gap-3 text-muted">
            The open invitations could not be loaded.
            <Button look="quiet" onClick={retry}>
              Try again
            </Button>
          </div>
        )}
      >
        {(list) => (
          <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
            {list.map((invitation) => (
              <li key={invitation.id} className="flex items-center gap-3 px-4 py-3">
                <div className="min-w-0 flex-1">
                  <p className="font-medium wrap-anywhere">{invitation.email}</p>
                  <p className="text-sm text-muted">
                    Invited as {ROLE_NAMES[invitation.role].toLowerCase()} by{' '}
                    <Name>{invitation.invitedBy.name}</Name>, open until <Day of={invitation.expiresAt} />
                  </p>
                </div>
                <IconButton
                  label={`Withdraw the invitation of ${invitation.email}`}
                  onClick={() => setWithdrawing(invitation)}
                >
                  <CloseIcon />
                </IconButton>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {withdrawing && (
        <WithdrawDialog
          invitation={withdrawing}
          onDone={() => onWithdrawn(withdrawing.email)}
          onClose={() => setWithdrawing(undefined)}
        />
      )}
    </section>
  );
}

interface WithdrawDialogProps {
  readonly invitation: Invitation;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function WithdrawDialog({ invitation, onDone, onClose }: WithdrawDialogProps) {
  const client = useClient();
  const queries = useQueryClient();
  const { id: orgId } = useOrganization();
  const withdraw = useMutation({
    mutationFn: () => client.invitations.revokeInvitation({ params: { orgId, invitationId: invitation.id } }),
    // After a refusal as well: it may have been accepted or withdrawn by somebody else.
    onSettled: () => queries.invalidateQueries(openInvitationsQuery(client, orgId)),
    onSuccess: () => {
      onDone();
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title="Withdraw this invitation?"
      onClose={onClose}
      confirm={
        <>
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button look="danger" busy={withdraw.isPending} onClick={() => withdraw.mutate()}>
            Withdraw
          </Button>
        </>
      }
    >
      <p className="wrap-anywhere">
        <strong className="font-medium">{invitation.email}</strong> can no longer accept it. You can invite
        them again.
      </p>
      {withdraw.error && <ProblemBanner error={withdraw.error} />}
    </ConfirmDialog>
  );
}

function InvitationsSkeleton() {
  return (
    <div className="rounded-lg border border-line bg-surface p-4">
      <LoadingNote>Loading open invitations</LoadingNote>
      <Skeleton className="w-56" />
    </div>
  );
}
