import { ApiError } from '@plinth/client/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ProblemBanner } from '../../app/problem-banner.tsx';
import { useClient } from '../../app/services.tsx';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { Name, plainName } from '../../ui/names.tsx';
import { useOwnOrganizations } from './queries.ts';
import { useOrganization } from './use-organization.ts';

/** Asks before somebody leaves the organisation of the page. */
export function LeaveDialog({ onClose }: { readonly onClose: () => void }) {
  const client = useClient();
  const navigate = useNavigate();
  const { left } = useOwnOrganizations();
  const { id: orgId, name } = useOrganization();
  const leave = useMutation({
    mutationFn: () => client.organizations.leaveOrganization({ params: { orgId } }),
    onSuccess: () => {
      // Known before the start page looks where to lead.
      left(orgId);
      return navigate({ to: '/' });
    },
  });
  const isLastOwner = leave.error instanceof ApiError && leave.error.code === 'conflict';

  return (
    <ConfirmDialog
      title={`Leave ${plainName(name)}?`}
      onClose={onClose}
      confirm={
        <>
          <Button look="quiet" onClick={onClose}>
            Stay
          </Button>
          <Button look="danger" busy={leave.isPending} onClick={() => leave.mutate()}>
            Leave
          </Button>
        </>
      }
    >
      <p>
        You will no longer see anything of <Name>{name}</Name>. What you wrote stays. To come back, you have
        to be invited again.
      </p>
      {isLastOwner ? (
        <Banner tone="danger">
          You are its only owner, and it needs one. Give the role “Owner” to somebody else on the page{' '}
          <Link to="/o/$orgId/members" params={{ orgId }} onClick={onClose} className="font-medium underline">
            Members
          </Link>{' '}
          first.
        </Banner>
      ) : (
        leave.error && <ProblemBanner error={leave.error} />
      )}
    </ConfirmDialog>
  );
}
