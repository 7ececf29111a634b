import type { ServerEvents } from '@plinth/contracts';

/** Rooms that every socket is in: its user's and its session's. */
export const room = {
  user: (userId: string) => `user:${userId}`,
  session: (sessionId: string) => `session:${sessionId}`,
};

type ServerEvent = keyof ServerEvents & string;
type PayloadOf<E extends ServerEvent> = ServerEvents[E] extends (payload: infer P) => void ? P : never;

/** Reaches everybody in a room, on every instance. Resolves when it is on its way. */
export interface Broadcaster {
  broadcast<E extends ServerEvent>(room: string, event: E, payload: PayloadOf<E>): Promise<void>;
  /** Closes every socket in a room; their clients may sign in again. */
  disconnect(room: string): Promise<void>;
}
