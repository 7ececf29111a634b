import { type ChangesQuery, MESSAGE_WRITERS, type PageQuery } from '@plinth/contracts';
import type { Database } from '@plinth/database';
import { resourceOwnershipGuard } from '../../platform/access.ts';
import type { OrgContext } from '../../platform/context.ts';
import { AppError, notFound } from '../../platform/errors.ts';
import type { Outbox } from '../../platform/outbox.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { ChannelDirectory } from '../channels/index.ts';
import { can } from './messages.policy.ts';
import { type MessageRepository, newMessageId } from './messages.repository.ts';
import { toEntry, toMessage } from './messages.view.ts';

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

/** Thrown inside a transaction to undo it. */
class NothingStored extends Error {}

export function createMessageService({ database, outbox, repository, channels, audit }: Deps) {
  /** Why a message was not stored: told after the transaction was undone. */
  async function explain(ctx: OrgContext, input: { channelId: string; clientId: string }) {
    const { orgId } = ctx.membership;
    const role = await repository.role(orgId, ctx.actor.userId);
    if (!role) throw notFound('organisation');
    if (!MESSAGE_WRITERS.some((one) => one === role))
      throw new AppError('forbidden', 'Your role does not let you write here any more.');
    const before = await repository.findByClientId(orgId, input.channelId, ctx.actor.userId, input.clientId);
    if (before?.deletedAt) throw new AppError('gone', 'This message was deleted.');
    if (before) return toMessage(before);
    await channels.get(orgId, input.channelId);
    throw new AppError(
      'conflict',
      'This clientId was used in another channel. Make a new one for each message.',
    );
  }

  return {
    /** Messages of a channel, newest first, and the number of its last change. */
    async page(orgId: string, channelId: string, query: PageQuery) {
      const found = await repository.page(orgId, channelId, query);
      if (!found) throw notFound('channel');
      const { items, nextCursor, lastSeq } = found;
      return { items: items.map(toMessage), nextCursor, seq: Number(lastSeq) };
    },

    /** What has changed after a number, each changed message once and as it is now. */
    async changes(orgId: string, channelId: string, { after, limit }: ChangesQuery) {
      const found = await repository.changes(orgId, channelId, { after, limit: limit + 1 });
      if (!found) throw notFound('channel');
      const items = found.rows.slice(0, limit).map((row) => toEntry(row, row.changedSeq));
      const hasMore = found.rows.length > limit;
      return { items, hasMore, seq: (hasMore && items.at(-1)?.seq) || Number(found.lastSeq) };
    },

    /** How far a channel has come, for a member who listens to it. */
    async lastSeq(ctx: OrgContext, channelId: string): Promise<number> {
      const lastSeq = await repository.lastSeq(ctx.membership.orgId, channelId, ctx.actor.userId);
      if (lastSeq === undefined) throw notFound('channel');
      return Number(lastSeq);
    },

    /**
     * Stores a message once, however often its `clientId` is sent. Everybody hears of it after the commit.
     * @throws AppError gone when the message was deleted since
     */
    async post(ctx: OrgContext, input: { channelId: string; clientId: string; body: string }) {
      const { orgId } = ctx.membership;
      const { channelId } = input;
      const id = newMessageId();
      try {
        const message = await database.sqlTransaction(async (sql) => {
          await audit.append(sql, ctx, {
            orgId,
            action: 'message.posted',
            targetType: 'message',
            targetId: id,
            details: { channelId },
          });
          await outbox.add(sql, { topic: 'message.created', payload: { orgId, channelId, messageId: id } });
          // Last, because others who post in the channel wait from here until the commit.
          const row = await repository.insert(sql, { id, orgId, authorId: ctx.actor.userId, ...input });
          if (!row) throw new NothingStored();
          return toMessage(row);
        });
        outbox.committed();
        return message;
      } catch (error) {
        if (error instanceof NothingStored) return explain(ctx, input);
        throw error;
      }
    },

    /** Changes the text of an own message. */
    async edit(ctx: OrgContext, { channelId, messageId }: Target, body: string) {
      const { orgId } = ctx.membership;
      const key = { orgId, channelId, messageId };
      const { userId } = ctx.actor;
      const message = await database.sqlTransaction(async (sql) => {
        const row = await repository.lock(sql, key, userId);
        if (!row) throw notFound('message');
        resourceOwnershipGuard(
          can({ userId, role: row.role }, 'edit', row),
          'Only its author may edit a message.',
        );
        await audit.append(sql, ctx, {
          orgId,
          action: 'message.edited',
          targetType: 'message',
          targetId: messageId,
          details: { channelId },
        });
        const edited = await repository.edit(sql, key, body);
        if (!edited) throw notFound('message');
        await outbox.add(sql, {
          topic: 'message.changed',
          payload: { ...key, seq: Number(edited.changedSeq) },
        });
        return toMessage(edited);
      });
      outbox.committed();
      return message;
    },

    /** Deletes an own message; owners and admins may delete any. Its text is gone, its place remembers. */
    async remove(ctx: OrgContext, { channelId, messageId }: Target): Promise<void> {
      const { orgId } = ctx.membership;
      const key = { orgId, channelId, messageId };
      const { userId } = ctx.actor;
      await database.sqlTransaction(async (sql) => {
        const row = await repository.lock(sql, key, userId);
        if (!row) throw notFound('message');
        resourceOwnershipGuard(
          can({ userId, role: row.role }, 'delete', row),
          'Only its author, an owner or an admin may delete a message.',
        );
        await audit.append(sql, ctx, {
          orgId,
          action: 'message.deleted',
          targetType: 'message',
          targetId: messageId,
          details: { channelId, authorId: row.authorId },
        });
        const buried = await repository.bury(sql, key);
        if (!buried) throw notFound('message');
        await outbox.add(sql, {
          topic: 'message.changed',
          payload: { ...key, seq: Number(buried.changedSeq) },
        });
      });
      outbox.committed();
    },
  };
}
