import type { PageQuery } from '@plinth/contracts';
import type { Database, Prisma } from '@plinth/database';
import { v7 as uuidv7 } from 'uuid';
import { notFound } from '../../platform/errors.ts';
import { keyset, sortKey } from '../../platform/page.ts';

/** Names are unique in an organisation. */
const byName = keyset('channels', sortKey.text);

/** Channels, always inside their organisation. */
export const createChannelDirectory = ({ prisma }: Database) => ({
  async page(orgId: string, query: PageQuery) {
    const page = byName.open(query, orgId);
    const [name] = page.after;
    const rows = await prisma.channel.findMany({
      where: { orgId, ...(name !== undefined && { name: { gt: name } }) },
      orderBy: { name: 'asc' },
      take: page.take,
    });
    return page.of(rows, (channel) => [channel.name]);
  },

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
