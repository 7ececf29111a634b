import type { OrgRole } from '@plinth/contracts';
import type { Membership } from '../../platform/context.ts';

/** Highest first. */
const RANK: Record<OrgRole, number> = { OWNER: 3, ADMIN: 2, MEMBER: 1, GUEST: 0 };

/** Nobody hands out a role above the own one, and nobody removes somebody above themselves. */
export function can(actor: Membership, action: 'grant' | 'remove', role: OrgRole): boolean {
  switch (action) {
    case 'grant':
    case 'remove':
      return RANK[actor.role] >= RANK.ADMIN && RANK[actor.role] >= RANK[role];
  }
}
