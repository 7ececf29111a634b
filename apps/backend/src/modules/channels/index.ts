import { channelsContract } from '@plinth/contracts';
import { bindRoutes } from '../../http/bind-routes.ts';
import type { Module } from '../../module.ts';
import type { Platform } from '../../platform/index.ts';
import type { AuditTrail } from '../audit/index.ts';
import { type ChannelDirectory, createChannelDirectory } from './channels.repository.ts';
import { createChannelService } from './channels.service.ts';

export type { ChannelDirectory } from './channels.repository.ts';

/** Channels of an organisation. */
export function channelsModule(
  platform: Platform,
  deps: { audit: AuditTrail },
): Module & { directory: ChannelDirectory } {
  const directory = createChannelDirectory(platform.database);
  const channels = createChannelService({ database: platform.database, directory, audit: deps.audit });
  return {
    name: 'channels',
    directory,
    routes: bindRoutes(channelsContract, {
      listChannels: ({ params, query }) => directory.page(params.orgId, query),
      createChannel: ({ ctx, body }) => channels.create(ctx, body),
      getChannel: ({ params }) => directory.get(params.orgId, params.channelId),
    }),
  };
}
