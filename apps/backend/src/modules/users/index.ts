import { usersContract } from '@plinth/contracts';
import { bindRoutes } from '../../http/bind-routes.ts';
import type { Module } from '../../module.ts';
import { notFound } from '../../platform/errors.ts';
import type { Platform } from '../../platform/index.ts';
import type { AuditTrail } from '../audit/index.ts';
import { createUserDirectory, type UserDirectory } from './users.repository.ts';
import { createUserService } from './users.service.ts';

export type { UserDirectory, UserRow } from './users.repository.ts';

/** People and their profiles. */
export function usersModule(
  platform: Platform,
  deps: { audit: AuditTrail },
): Module & { directory: UserDirectory } {
  const directory = createUserDirectory(platform.database);
  const users = createUserService({ database: platform.database, directory, audit: deps.audit });
  return {
    name: 'users',
    directory,
    routes: bindRoutes(usersContract, {
      getMe: async ({ ctx }) => {
        const user = await directory.findById(ctx.actor.userId);
        if (!user) throw notFound('user');
        return user;
      },
      updateMe: ({ ctx, body }) => users.rename(ctx, body.name),
    }),
  };
}
