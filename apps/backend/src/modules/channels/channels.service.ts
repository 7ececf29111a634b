import { channelsContract } from '@plinth/contracts';
import { classifyDatabaseError, type Database } from '@plinth/database';
import { orgRolesGuard } from '../../platform/access.ts';
import type { OrgContext } from '../../platform/context.ts';
import { AppError } from '../../platform/errors.ts';
import type { Outbox } from '../../platform/outbox.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { Tenants } from '../organizations/index.ts';
import type { ChannelDirectory } from './channels.repository.ts';

export function createChannelService(deps: {
  database: Database;
  outbox: Outbox;
  directory: ChannelDirectory;
  audit: AuditTrail;
  tenants: Tenants;
}) {
  return {
    async create(ctx: OrgContext, { name, topic }: { name: string; topic?: string | undefined }) {
      const { orgId } = ctx.membership;
      try {
        const created = await deps.database.transaction(async (tx) => {
          await orgRolesGuard(ctx, orgId, channelsContract.createChannel.access.orgRoles, {
            membershipRole: (...who) => deps.tenants.lockMembership(tx, ...who),
          });
          const channel = await deps.directory.insert(tx.prisma, orgId, { name, topic: topic ?? null });
          await deps.audit.append(tx, ctx, {
            orgId,
            action: 'channel.created',
            targetType: 'channel',
            targetId: channel.id,
            details: { name },
          });
          await deps.outbox.add(tx, {
            topic: 'channel.created',
            payload: { orgId, channelId: channel.id },
          });
          return channel;
        });
        deps.outbox.committed();
        return created;
      } catch (error) {
        if (classifyDatabaseError(error) !== 'unique') throw error;
        throw new AppError('conflict', 'There is a channel with this name already.', {
          cause: error,
          errors: [{ in: 'body', field: 'name', message: 'Taken: choose another name' }],
        });
      }
    },
  };
}
