import type { Organization, OrgRole } from '@plinth/contracts';
import { ORG_MANAGERS, ORG_ROLES, ORG_WRITERS } from '@plinth/contracts/roles';
import { createContext, useContext } from 'react';

export const OrganizationContext = createContext<Organization | undefined>(undefined);

/** The organisation of the page, with the caller's role in it; only below `orgRoute`. */
export const useOrganization = (): Organization => {
  const organization = useContext(OrganizationContext);
  if (!organization) throw new Error('useOrganization needs an organisation: put the page below orgRoute');
  return organization;
};

/** May add and remove people and delete what others wrote. The server decides; this hides what it would refuse. */
export const isManager = (role: OrgRole): boolean => ORG_MANAGERS.some((manager) => manager === role);

/** Guests read; everybody else also writes. */
export const isWriter = (role: OrgRole): boolean => ORG_WRITERS.some((writer) => writer === role);

export const ROLE_NAMES: Readonly<Record<OrgRole, string>> = {
  OWNER: 'Owner',
  ADMIN: 'Admin',
  MEMBER: 'Member',
  GUEST: 'Guest',
};

/** A role inside a sentence, as in "an admin". */
export const roleWithArticle = (role: OrgRole): string =>
  `${/^[aeiou]/i.test(role) ? 'an' : 'a'} ${ROLE_NAMES[role].toLowerCase()}`;

/** The roles that somebody may give and take: the own one and those below, when they manage people at all. */
export const rolesInReach = (role: OrgRole): readonly OrgRole[] =>
  isManager(role) ? ORG_ROLES.slice(ORG_ROLES.indexOf(role)) : [];
