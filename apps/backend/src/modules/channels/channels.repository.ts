import type { Database, Prisma } from '@plinth/database';
import { v7 as uuidv7 } from 'uuid';
import { notFound } from '../../platform/errors.ts';

/** Largest number of channels shown. */
const MAX_LIST = 500;

/** Channels, always inside their organisation. */
export const createChannelDirectory = ({ prisma }: Database) => ({
  list: (orgId: string) =>
    prisma.channel.findMany({ where: { orgId }, orderBy: { name: 'asc' }, take: MAX_LIST }),

  /** @throws AppError not_found, also for a channel of another organisation */
  async get(orgId: string, channelId: string) {
    const channel = await prisma.channel.findUnique({ where: { orgId_id: { orgId, id: channelId } } });
    if (!channel) throw notFound('channel');
    return channel;
  },

  /** Fails with a unique violation when the name is taken in the organisation. */
  insert: (tx: Prisma.TransactionClient, orgId: string, channel: { name: string; topic: string | null }) =>
    tx.channel.create({ data: { id: uuidv7(), orgId, ...channel } }),
});

export type ChannelDirectory = ReturnType<typeof createChannelDirectory>;
