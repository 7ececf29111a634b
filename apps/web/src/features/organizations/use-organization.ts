import type { ORG_ROLES, Organization, OrgRole } from '@plinth/contracts';
import { createContext, useContext } from 'react';

export const OrganizationContext = createContext<Organization | undefined>(undefined);

/** The organisation of the page, with the caller's role in it; only below `orgRoute`. */
export const useOrganization = (): Organization => {
  const organization = useContext(OrganizationContext);
  if (!organization) throw new Error('useOrganization needs an organisation: put the page below orgRoute');
  return organization;
};

/** May add and remove people and delete what others wrote. The server decides; this hides what it would refuse. */
export const isManager = (role: OrgRole): boolean => role === 'OWNER' || role === 'ADMIN';

/** Guests read; everybody else also writes. */
export const isWriter = (role: OrgRole): boolean => role !== 'GUEST';

export const ROLE_NAMES: Readonly<Record<OrgRole, string>> = {
  OWNER: 'Owner',
  ADMIN: 'Admin',
  MEMBER: 'Member',
  GUEST: 'Guest',
};

/** The contracts' list, which would bring zod along; its type fails to compile when the two differ. */
const DESCENDING: typeof ORG_ROLES = ['OWNER', 'ADMIN', 'MEMBER', 'GUEST'];

/** The roles that somebody may give and take: the own one and those below, when they manage people at all. */
export const rolesInReach = (role: OrgRole): readonly OrgRole[] =>
  isManager(role) ? DESCENDING.slice(DESCENDING.indexOf(role)) : [];
