import type { OrgRole } from '@plinth/contracts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { GrantsRepository } from './grants.repository.ts';
import { type MembershipChange, orgOfRoom, room } from './rooms.ts';
import type { AppServer, AppSocket } from './types.ts';

/**
 * Keeps the sockets of this process in the rooms that PostgreSQL grants them. An event that says so only makes it
 * faster: it may be lost or late, so the truth is read again every few seconds, in one query for all.
 */
export function createAudience(
  io: AppServer,
  options: { readonly refreshMs: number },
  deps: { readonly grants: GrantsRepository; readonly logger: Logger },
) {
  const { grants, logger } = deps;
  let refreshing: Promise<void> = Promise.resolve();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const tell = (socket: AppSocket, orgId: string) => socket.emit('membership:changed', { orgId });

  const leaveOrg = (socket: AppSocket, orgId: string) => {
    for (const name of [...socket.rooms]) if (orgOfRoom(name) === orgId) void socket.leave(name);
  };

  const apply = (socket: AppSocket, rooms: readonly string[], roles: Map<string, OrgRole>) => {
    const before = socket.data.roles;
    socket.data.roles = roles;
    // Only rooms from before the question: one joined since was granted by a later look.
    for (const name of rooms) {
      const orgId = orgOfRoom(name);
      if (orgId !== undefined && !roles.has(orgId)) void socket.leave(name);
    }
    for (const orgId of roles.keys()) void socket.join(room.org(orgId));
    for (const orgId of new Set([...before.keys(), ...roles.keys()]))
      if (before.get(orgId) !== roles.get(orgId)) tell(socket, orgId);
  };

  const read = async (sockets: readonly AppSocket[]) => {
    const seen = sockets.map((socket) => ({
      socket,
      rooms: [...socket.rooms],
      version: socket.data.version,
    }));
    if (seen.length === 0) return;
    const ids = [...new Set(seen.map(({ socket }) => socket.data.actor.sessionId))];
    const granted = await grants.of(ids);
    for (const { socket, rooms, version } of seen) {
      const roles = granted.get(socket.data.actor.sessionId);
      if (!roles) socket.disconnect(true);
      else if (socket.connected && !socket.data.stale && socket.data.version === version)
        apply(socket, rooms, new Map(roles));
    }
  };

  /** One reading after the other, so that an older answer never comes last. */
  const refresh = (userId?: string): Promise<void> => {
    refreshing = refreshing.then(async () => {
      const all = [...io.of('/').sockets.values()];
      try {
        await read(userId === undefined ? all : all.filter(({ data }) => data.actor.userId === userId));
      } catch (error) {
        logger.warn({ err: error }, 'Memberships of connected users could not be read; trying again');
      }
    });
    return refreshing;
  };

  const again = () => {
    if (!stopped) timer = setTimeout(() => void refresh().then(again), options.refreshMs);
  };
  again();

  return {
    refresh,
    /** Reads what a new socket may hear. @throws AppError session_ended */
    async admit(socket: AppSocket): Promise<void> {
      const { sessionId } = socket.data.actor;
      const roles = (await grants.of([sessionId])).get(sessionId);
      if (!roles) throw new AppError('session_ended', 'This session has ended. Sign in again.');
      Object.assign(socket.data, { roles, version: 0 });
    },
    enter(socket: AppSocket): void {
      const { actor, roles } = socket.data;
      const orgs = [...roles.keys()].map(room.org);
      void socket.join([room.user(actor.userId), room.session(actor.sessionId), ...orgs]);
    },
    /** A membership changed. One that ended is over before anything that is said after it. */
    membershipChanged({ userId, orgId, ended }: MembershipChange): void {
      if (ended) {
        for (const socket of io.of('/').sockets.values()) {
          if (socket.data.actor.userId !== userId) continue;
          leaveOrg(socket, orgId);
          socket.data.version += 1;
          if (socket.data.roles.delete(orgId)) tell(socket, orgId);
        }
      }
      void refresh(userId);
    },
    async close() {
      stopped = true;
      clearTimeout(timer);
      await refreshing;
    },
  };
}

export type Audience = ReturnType<typeof createAudience>;
