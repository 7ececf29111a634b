import { ApiError } from '@plinth/client/core';
import type { ClientEvents, EventReply, ServerEvents } from '@plinth/contracts';
import type { Socket } from 'socket.io-client';
import { PartMissingError, type Parts } from '../app/load-part.ts';
import { type Refusal, refusalOf } from './refusal.ts';

export type RealtimeStatus = 'off' | 'connecting' | 'online' | 'reconnecting';

type EventOf<Map> = keyof Map & string;
type ReplyOf<F> = F extends (payload: never, ack: (reply: EventReply<infer R>) => void) => void ? R : never;
type PayloadOf<F> = F extends (payload: infer P, ...rest: never[]) => void ? P : never;

export interface RealtimeOptions {
  /** Token for the next handshake; asked with the last one when the server refused that. */
  readonly token: (rejected?: string) => Promise<string | undefined>;
  readonly loadPart: Parts['loadPart'];
}

/** Longest wait for an acknowledgement, in milliseconds. */
const ACK_TIMEOUT_MS = 8_000;
/** Bounds of the wait before our own next attempt, in milliseconds. */
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 10_000;
/** Longest wait for a connection to open, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;

export type Realtime = ReturnType<typeof createRealtime>;

/**
 * The one socket of this tab. It opens with the first user and closes after the last one; the library is loaded
 * only then. Events that were missed while it was down are not repeated: whoever listens asks for the current
 * state when the status becomes `online` again.
 */
export const createRealtime = (options: RealtimeOptions) => {
  const statusListeners = new Set<() => void>();
  const eventListeners = new Map<string, Set<(payload: unknown) => void>>();
  let status: RealtimeStatus = 'off';
  let users = 0;
  let socket: Socket | undefined;
  let lastToken: string | undefined;
  let refused = false;
  let failures = 0;
  let refusal: Refusal | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const become = (next: RealtimeStatus, why?: Refusal) => {
    if (next === status && why === refusal) return;
    status = next;
    refusal = why;
    for (const listener of statusListeners) listener();
  };

  /** After the server ended the connection or refused it, the library leaves the next attempt to us. */
  const retryLater = (target: Socket) => {
    // Told to wait, we wait: the library would try on.
    if (refusal) target.disconnect();
    if (target.active) return;
    clearTimeout(retry);
    const backOff = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** failures);
    // Doubled, because of the jitter below: never earlier than told.
    const wait = Math.max(backOff, (refusal?.retryAfterS ?? 0) * 2000);
    failures += 1;
    // Jitter, so that all tabs of all people do not come back in the same moment.
    retry = setTimeout(() => target.connect(), wait * (0.5 + Math.random() / 2));
  };

  const credentials = async () => {
    lastToken = await options.token(refused ? lastToken : undefined);
    refused = false;
    return { token: lastToken };
  };

  const start = async () => {
    become('connecting');
    const { io } = await options.loadPart(() => import('socket.io-client'));
    if (users === 0 || socket) return;
    const opened = io({
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      timeout: CONNECT_TIMEOUT_MS,
      // A proxy sends all requests of this page to the same instance by it (infra/nginx); it is no secret.
      query: { client: Math.random().toString(36).slice(2) },
      reconnectionDelay: RETRY_MIN_MS,
      reconnectionDelayMax: RETRY_MAX_MS,
      // Without an answer to the question for a token the handshake would wait for ever: an empty one is refused.
      auth: (give) => void credentials().then(give, () => give({})),
    });
    socket = opened;
    opened.on('connect', () => {
      failures = 0;
      become('online');
    });
    opened.on('disconnect', () => {
      if (opened !== socket) return;
      become('reconnecting');
      retryLater(opened);
    });
    opened.on('connect_error', (error) => {
      const why = refusalOf(error);
      // Not active: the handshake arrived and was refused, in most cases because of its token.
      refused = !opened.active && !why;
      if (opened !== socket) return;
      become('reconnecting', why);
      retryLater(opened);
    });
    opened.onAny((event: string, payload) => {
      for (const listener of eventListeners.get(event) ?? []) listener(payload);
    });
  };

  /** The library itself could not be loaded: the same as no connection. */
  const startAgain = (error: unknown) => {
    become('reconnecting');
    // It is not on the server: asking again and again does not bring it.
    if (error instanceof PartMissingError) return;
    clearTimeout(retry);
    retry = setTimeout(() => start().catch(startAgain), RETRY_MAX_MS / 2);
  };

  const stop = () => {
    clearTimeout(retry);
    const closing = socket;
    socket = undefined;
    closing?.disconnect();
    become('off');
  };

  return {
    status: () => status,
    /** Why the server lets nobody in at the moment, if it has said so; changes are told to `onStatus`, too. */
    refusal: () => refusal,
    onStatus: (listener: () => void) => {
      statusListeners.add(listener);
      return () => void statusListeners.delete(listener);
    },

    /** Keeps the socket open until the returned function is called. */
    use: () => {
      users += 1;
      if (users === 1) start().catch(startAgain);
      let used = true;
      return () => {
        if (!used) return;
        used = false;
        users -= 1;
        if (users === 0) stop();
      };
    },

    /** Hears an event of the server; returns the end of hearing. */
    on: <E extends EventOf<ServerEvents>>(
      event: E,
      listener: (payload: PayloadOf<ServerEvents[E]>) => void,
    ) => {
      const hear = (payload: unknown) => listener(payload as PayloadOf<ServerEvents[E]>);
      const listeners = eventListeners.get(event) ?? new Set();
      eventListeners.set(event, listeners.add(hear));
      return () => void listeners.delete(hear);
    },

    /** Sends an event and waits until the server has done it. Rejects with `ApiError`, or when nobody answers. */
    call: async <E extends EventOf<ClientEvents>>(
      event: E,
      payload: PayloadOf<ClientEvents[E]>,
    ): Promise<ReplyOf<ClientEvents[E]>> => {
      if (!socket) throw new Error(`realtime.call(${event}) needs an open connection: call use() first`);
      const reply: EventReply<ReplyOf<ClientEvents[E]>> = await socket
        .timeout(ACK_TIMEOUT_MS)
        .emitWithAck(event, payload);
      if (!reply.ok) throw new ApiError(reply.problem);
      return reply.data;
    },
  };
};
