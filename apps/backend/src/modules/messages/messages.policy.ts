import type { OrgRole } from '@plinth/contracts';

interface Who {
  readonly userId: string;
  readonly role: OrgRole;
}

/** Only authors edit; authors delete their own, owners and admins any. */
export function can(who: Who, action: 'edit' | 'delete', message: { readonly authorId: string }): boolean {
  const own = who.userId === message.authorId && who.role !== 'GUEST';
  switch (action) {
    case 'edit':
      return own;
    case 'delete':
      return own || who.role === 'OWNER' || who.role === 'ADMIN';
  }
}
