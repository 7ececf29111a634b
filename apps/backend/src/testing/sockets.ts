import type { ClientEvents, EventReply, ServerEvents } from '@plinth/contracts';
import { io, type Socket } from 'socket.io-client';

export type TestSocket = Socket<ServerEvents, ClientEvents>;

/** Longest wait for something that must happen; only a failing test waits so long. */
const PATIENCE_MS = 10_000;

/** Connects a socket; rejects with the server's problem when it is refused. */
export async function connectSocket(url: string, token: string, origin?: string): Promise<TestSocket> {
  const socket: TestSocket = io(url, {
    transports: ['websocket'],
    auth: { token },
    reconnection: false,
    forceNew: true,
    ...(origin !== undefined && { extraHeaders: { origin } }),
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('connect_error', (error) => {
      socket.close();
      reject(error);
    });
  });
  return socket;
}

/** Sends an event and waits for its acknowledgement. */
export const ask = <E extends keyof ClientEvents>(
  socket: TestSocket,
  event: E,
  payload: unknown,
): Promise<EventReply<never> & { data?: unknown }> =>
  (socket as Socket).timeout(PATIENCE_MS).emitWithAck(event, payload);

/** The next event of this name. Call it before what causes the event. */
export const next = <E extends keyof ServerEvents>(
  socket: TestSocket,
  event: E,
): Promise<Parameters<ServerEvents[E]>[0]> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No "${event}" within ${PATIENCE_MS} ms.`)), PATIENCE_MS);
    socket.once(
      event as never,
      ((payload: Parameters<ServerEvents[E]>[0]) => {
        clearTimeout(timer);
        resolve(payload);
      }) as never,
    );
  });

/** Resolves with the reason when the socket is closed. */
export const closed = (socket: TestSocket): Promise<string> =>
  new Promise((resolve) => socket.once('disconnect', (reason) => resolve(reason)));
