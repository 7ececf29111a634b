import type { ServerEvents } from '@plinth/contracts';

/** Rooms of one kind of listener each. What belongs to an organisation says so, so that who leaves it leaves them. */
export const room = {
  user: (userId: string) => `user:${userId}`,
  session: (sessionId: string) => `session:${sessionId}`,
  /** Everybody connected who is a member. */
  org: (orgId: string) => `org:${orgId}`,
  /** Everybody who listens to a channel. */
  channel: (orgId: string, channelId: string) => `org:${orgId}:channel:${channelId}`,
};

/** The organisation that a room belongs to; undefined for rooms of a user or session. */
export const orgOfRoom = (name: string): string | undefined => /^org:([^:]+)/.exec(name)?.[1];

type ServerEvent = keyof ServerEvents & string;
type PayloadOf<E extends ServerEvent> = ServerEvents[E] extends (payload: infer P) => void ? P : never;

export interface MembershipChange {
  readonly orgId: string;
  readonly userId: string;
  /** No longer a member; otherwise new or with another role. */
  readonly ended: boolean;
}

/** Reaches everybody in a room, on every instance. Resolves when it is on its way. */
export interface Broadcaster {
  broadcast<E extends ServerEvent>(room: string, event: E, payload: PayloadOf<E>): Promise<void>;
  /** Closes every socket in a room; their clients may sign in again. */
  disconnect(room: string): Promise<void>;
  /** Corrects the rooms of a person's sockets before anything is told that comes later. */
  membershipChanged(change: MembershipChange): Promise<void>;
}
