import { Link } from '@tanstack/react-router';
import { PeopleIcon } from '../../ui/icons.tsx';
import { sideLink } from '../../ui/side-link.ts';
import { useOrganization } from './use-organization.ts';

export function OrganizationSideBar() {
  const { id } = useOrganization();
  return (
    <Link to="/o/$orgId/members" params={{ orgId: id }} className={sideLink}>
      <PeopleIcon />
      Members
    </Link>
  );
}
