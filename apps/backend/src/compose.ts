import type { Module } from './module.ts';
import { auditModule } from './modules/audit/index.ts';
import { authModule } from './modules/auth/index.ts';
import { channelsModule } from './modules/channels/index.ts';
import { healthModule } from './modules/health/index.ts';
import { messagesModule } from './modules/messages/index.ts';
import { organizationsModule } from './modules/organizations/index.ts';
import { usersModule } from './modules/users/index.ts';
import type { Platform } from './platform/index.ts';

/** The parts list: every module, and what each is given. An optional module is removed by deleting its line. */
export function compose(platform: Platform) {
  const health = healthModule(platform);
  const audit = auditModule(platform);
  const users = usersModule(platform, { audit: audit.trail });
  const organizations = organizationsModule(platform, { audit: audit.trail, users: users.directory });
  const auth = authModule(platform, {
    audit: audit.trail,
    users: users.directory,
    foundOrganization: organizations.found,
  });
  const channels = channelsModule(platform, { audit: audit.trail, tenants: organizations.tenants });
  const messages = messagesModule(platform, { audit: audit.trail, channels: channels.directory });

  const modules: readonly Module[] = [
    // In the order of the API's description.
    health,
    auth,
    users,
    organizations,
    audit,
    channels,
    messages,
  ];
  return {
    modules,
    readiness: health.readiness,
    tokens: auth.tokens,
    callers: auth.callers,
    access: {
      membershipRole: organizations.tenants.membershipRole,
      platformRole: users.directory.platformRole,
    },
  };
}

export type Composition = ReturnType<typeof compose>;
