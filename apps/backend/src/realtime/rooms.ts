/** Rooms that every socket is in: its user's and its session's. */
export const room = {
  user: (userId: string) => `user:${userId}`,
  session: (sessionId: string) => `session:${sessionId}`,
};

/** Says something to everybody in a room, on every instance. Resolves when it is on its way. */
export interface Broadcaster {
  broadcast(room: string, event: string, payload: unknown): Promise<void>;
}
