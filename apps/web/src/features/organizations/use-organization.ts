import type { Organization, OrgRole } from '@plinth/contracts';
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
