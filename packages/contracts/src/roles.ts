/** Who may do what, in words that need no library: a page imports this file by itself. */

/** Roles on the whole installation, ascending. */
export const PLATFORM_ROLES = ['USER', 'ADMIN', 'SUPER_ADMIN'] as const;
/** Roles inside one organisation, descending. */
export const ORG_ROLES = ['OWNER', 'ADMIN', 'MEMBER', 'GUEST'] as const;

/** Who invites, removes and changes roles, and deletes what others wrote. */
export const ORG_MANAGERS = ['OWNER', 'ADMIN'] as const;
/** Who makes channels and writes messages. */
export const ORG_WRITERS = ['OWNER', 'ADMIN', 'MEMBER'] as const;
