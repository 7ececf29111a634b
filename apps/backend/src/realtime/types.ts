import type { OrgRole } from '@plinth/contracts';
import type { DefaultEventsMap, Server, Socket } from 'socket.io';
import type { UserActor } from '../platform/context.ts';

export interface SocketData {
  ip: string;
  actor: UserActor;
  expiresAt: Date;
  /** Organisations of the user and the role in each, as far as this socket was told. */
  roles: Map<string, OrgRole>;
  /** Goes up with every change to the rooms that did not come from reading the database. */
  version: number;
  /** About to be closed: it joins no room any more. */
  stale?: boolean;
}

// The events' types stand in the contracts and are held by bindEvents and the Broadcaster; here all are alike.
export type AppServer = Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;
export type AppSocket = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;
