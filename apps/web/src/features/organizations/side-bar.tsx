import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useClient } from '../../app/services.tsx';
import { MailIcon, PeopleIcon } from '../../ui/icons.tsx';
import { sideLink } from '../../ui/side-link.ts';
import { myInvitationsQuery } from './queries.ts';
import { useOrganization } from './use-organization.ts';

export function OrganizationSideBar() {
  const { id } = useOrganization();
  const { data: invitations = [] } = useQuery(myInvitationsQuery(useClient()));
  const count = invitations.length;
  return (
    <div className="flex flex-col gap-0.5">
      <Link to="/o/$orgId/members" params={{ orgId: id }} className={sideLink}>
        <PeopleIcon />
        Members
      </Link>
      {count > 0 && (
        <Link to="/invitations" className={sideLink}>
          <MailIcon />
          <span className="flex-1">Invitations</span>
          <span className="min-w-5 rounded-full bg-copper px-1.5 text-center text-sm font-medium text-on-copper forced-colors:border">
            {count}
            <span className="sr-only"> open</span>
          </span>
        </Link>
      )}
    </div>
  );
}
