import type { Database } from '@plinth/database';
import type { UserContext } from '../../platform/context.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { UserDirectory } from './users.repository.ts';

export function createUserService(deps: { database: Database; directory: UserDirectory; audit: AuditTrail }) {
  return {
    /** Changes the caller's own display name. */
    rename: (ctx: UserContext, name: string) =>
      deps.database.transaction(async (tx) => {
        await deps.directory.lockActive(tx, ctx.actor.userId, 'UPDATE');
        const user = await deps.directory.rename(tx.prisma, ctx.actor.userId, name);
        await deps.audit.append(tx, ctx, { action: 'user.renamed', targetType: 'user', targetId: user.id });
        return user;
      }),
  };
}
