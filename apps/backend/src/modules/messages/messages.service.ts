import type { PageQuery } from '@plinth/contracts';
import type { Database } from '@plinth/database';
import { resourceOwnershipGuard } from '../../platform/access.ts';
import type { OrgContext } from '../../platform/context.ts';
import { AppError, notFound } from '../../platform/errors.ts';
import type { Outbox } from '../../platform/outbox.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { ChannelDirectory } from '../channels/index.ts';
import { can } from './messages.policy.ts';
import type { MessageRepository, MessageRow } from './messages.repository.ts';

interface Deps {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly repository: MessageRepository;
  readonly channels: ChannelDirectory;
  readonly audit: AuditTrail;
}

interface Target {
  readonly channelId: string;
  readonly messageId: string;
}

const toMessage = ({ authorId, authorName, ...row }: MessageRow) => ({
  ...row,
  author: { id: authorId, name: authorName },
});

export function createMessageService({ database, outbox, repository, channels, audit }: Deps) {
  const who = (ctx: OrgContext) => ({ userId: ctx.actor.userId, role: ctx.membership.role });

  return {
    /** Messages of a channel, newest first. */
    async page(orgId: string, channelId: string, query: PageQuery) {
      const { items, nextCursor } = await repository.page(orgId, channelId, query);
      // An empty page may mean an empty channel or none at all; only then it is worth a look.
      if (items.length === 0) await channels.get(orgId, channelId);
      return { items: items.map(toMessage), nextCursor };
    },

    /** Stores a message once, however often its `clientId` is sent. Everybody hears of it after the commit. */
    async post(ctx: OrgContext, input: { channelId: string; clientId: string; body: string }) {
      const { orgId } = ctx.membership;
      const authorId = ctx.actor.userId;
      const stored = await database.sqlTransaction(async (sql) => {
        const row = await repository.insert(sql, { orgId, authorId, ...input });
        if (!row) return undefined;
        const message = toMessage(row);
        await audit.append(sql, ctx, {
          orgId,
          action: 'message.posted',
          targetType: 'message',
          targetId: row.id,
          details: { channelId: row.channelId },
        });
        await outbox.add(sql, { topic: 'message.created', payload: message });
        return message;
      });
      if (stored) {
        outbox.committed();
        return stored;
      }
      const before = await repository.findByClientId(orgId, input.channelId, authorId, input.clientId);
      if (before) return toMessage(before);
      await channels.get(orgId, input.channelId);
      throw new AppError(
        'conflict',
        'This clientId was used in another channel. Make a new one for each message.',
      );
    },

    /** Changes the text of an own message. */
    async edit(ctx: OrgContext, { channelId, messageId }: Target, body: string) {
      const { orgId } = ctx.membership;
      const message = await database.sqlTransaction(async (sql) => {
        const row = await repository.lock(sql, { orgId, channelId, messageId });
        if (!row) throw notFound('message');
        resourceOwnershipGuard(can(who(ctx), 'edit', row), 'Only its author may edit a message.');
        const changed = await repository.updateBody(sql, messageId, body);
        if (!changed) throw notFound('message');
        await audit.append(sql, ctx, {
          orgId,
          action: 'message.edited',
          targetType: 'message',
          targetId: messageId,
          details: { channelId },
        });
        const edited = toMessage({ ...row, body, editedAt: changed.editedAt });
        await outbox.add(sql, { topic: 'message.edited', payload: edited });
        return edited;
      });
      outbox.committed();
      return message;
    },

    /** Deletes an own message; owners and admins may delete any. */
    async remove(ctx: OrgContext, { channelId, messageId }: Target): Promise<void> {
      const { orgId } = ctx.membership;
      await database.sqlTransaction(async (sql) => {
        const row = await repository.lock(sql, { orgId, channelId, messageId });
        if (!row) throw notFound('message');
        resourceOwnershipGuard(
          can(who(ctx), 'delete', row),
          'Only its author, an owner or an admin may delete a message.',
        );
        await repository.remove(sql, messageId);
        await audit.append(sql, ctx, {
          orgId,
          action: 'message.deleted',
          targetType: 'message',
          targetId: messageId,
          details: { channelId, authorId: row.authorId },
        });
        await outbox.add(sql, { topic: 'message.deleted', payload: { id: messageId, channelId } });
      });
      outbox.committed();
    },
  };
}
