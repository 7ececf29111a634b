import { z } from 'zod';

/** Roles on the whole installation, ascending. */
export const PLATFORM_ROLES = ['USER', 'ADMIN', 'SUPER_ADMIN'] as const;
/** Roles inside one organisation, descending. */
export const ORG_ROLES = ['OWNER', 'ADMIN', 'MEMBER', 'GUEST'] as const;

export const PlatformRole = z.enum(PLATFORM_ROLES);
export type PlatformRole = z.infer<typeof PlatformRole>;

export const OrgRole = z.enum(ORG_ROLES);
export type OrgRole = z.infer<typeof OrgRole>;
