import { Channel, channelsContract, Id } from '@plinth/contracts';
import { z } from 'zod';
import { bindRoutes } from '../../http/bind-routes.ts';
import type { Module } from '../../module.ts';
import type { Platform } from '../../platform/index.ts';
import { room } from '../../realtime/rooms.ts';
import type { AuditTrail } from '../audit/index.ts';
import type { Tenants } from '../organizations/index.ts';
import { type ChannelDirectory, createChannelDirectory } from './channels.repository.ts';
import { createChannelService } from './channels.service.ts';

export type { ChannelDirectory } from './channels.repository.ts';

const Created = z.object({ orgId: Id, channelId: Id });

/** Channels of an organisation. */
export function channelsModule(
  platform: Platform,
  deps: { audit: AuditTrail; tenants: Tenants },
): Module & { directory: ChannelDirectory } {
  const directory = createChannelDirectory(platform.database);
  const { database, outbox } = platform;
  const channels = createChannelService({ database, outbox, directory, ...deps });
  return {
    name: 'channels',
    directory,
    outbox: ({ broadcast }) => ({
      'channel.created': async (payload) => {
        const { orgId, channelId } = Created.parse(payload);
        const channel = Channel.parse(await directory.get(orgId, channelId));
        await broadcast(room.org(orgId), 'channel:created', channel);
      },
    }),
    routes: bindRoutes(channelsContract, {
      listChannels: ({ params, query }) => directory.page(params.orgId, query),
      createChannel: ({ ctx, body }) => channels.create(ctx, body),
      getChannel: ({ params }) => directory.get(params.orgId, params.channelId),
    }),
  };
}
