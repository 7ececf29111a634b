import { auditContract } from './audit.ts';
import { authContract } from './auth.ts';
import { channelsContract, channelsEvents } from './channels.ts';
import type { ClientEventMap, ServerEventMap } from './events.ts';
import { healthContract } from './health.ts';
import { invitationsContract, invitationsEvents } from './invitations.ts';
import { messagesContract, messagesEvents } from './messages.ts';
import { organizationsContract, organizationsEvents } from './organizations.ts';
import { usersContract } from './users.ts';

export * from './audit.ts';
export * from './auth.ts';
export * from './channels.ts';
export * from './common.ts';
export * from './contract.ts';
export * from './events.ts';
export * from './fields.ts';
export * from './health.ts';
export * from './invitations.ts';
export * from './messages.ts';
export * from './organizations.ts';
export * from './paging.ts';
export * from './passwords.ts';
export * from './problem.ts';
export * from './roles.ts';
export * from './text.ts';
export * from './users.ts';

/** Every route of the API, by module. */
export const contracts = {
  auth: authContract,
  users: usersContract,
  organizations: organizationsContract,
  invitations: invitationsContract,
  audit: auditContract,
  health: healthContract,
  channels: channelsContract,
  messages: messagesContract,
};

/** Every event that a client may send. */
export const clientEvents = {
  ...organizationsEvents.client,
  ...invitationsEvents.client,
  ...channelsEvents.client,
  ...messagesEvents.client,
};

/** Every event that the server may send. */
export const serverEvents = {
  ...organizationsEvents.server,
  ...invitationsEvents.server,
  ...channelsEvents.server,
  ...messagesEvents.server,
};

export type ClientEvents = ClientEventMap<typeof clientEvents>;
export type ServerEvents = ServerEventMap<typeof serverEvents>;
