import type { IncomingMessage } from 'node:http';
import type { Socket as EngineSocket } from 'engine.io';
import type { Rate } from '../config/index.ts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import { FLOOD } from './limits.ts';

/** Largest packet that is read at all, in bytes; a payload that is too large but fits in here gets an answer. */
export const MAX_PACKET = 128 * 1024;
/** Packets of a connection that has not said who it is: room for saying it, and for the answers to pings. */
const UNPROVEN_PACKETS = 20;
/** Bytes of such a connection: an access token has less than two thousand. */
const UNPROVEN_BYTES = 16 * 1024;
/** Bytes for each event of a user's budget, on average: the longest message has half as many. */
const BYTES_PER_EVENT = 32 * 1024;
/** What may wait for a client that does not read, in bytes; what each packet costs beside its data is counted, too. */
const MAX_UNREAD = 1024 * 1024;
const PACKET_OVERHEAD = 100;
/** How long a connection that was told to go may still read that, in milliseconds. */
const LINGER_MS = 1000;
/** RFC 6455, 7.4.1. */
const POLICY_VIOLATION = 1008;

interface WebSocketLike {
  close?(code: number, reason: string): void;
  /** Nothing more is read, so that a flood ends with the connection. */
  pause?(): void;
  terminate?(): void;
}

/** Closes a connection, also one whose client reads and answers nothing. */
export function hangUp(conn: EngineSocket, reason: string): void {
  const { socket } = conn.transport as { socket?: WebSocketLike };
  socket?.close?.(POLICY_VIOLATION, reason);
  conn.close(true);
  socket?.pause?.();
  setTimeout(() => socket?.terminate?.(), LINGER_MS).unref();
}

/** What is left; it counts down. */
interface Budget {
  packets: number;
  bytes: number;
}

/**
 * Bounds what is read at all, events or not, before any of it is decoded: answers to pings nobody sent, other
 * namespaces, requests of polling. It is counted in this process alone, because it must cost next to nothing: for each
 * connection until it has said who it is, and then for its user. What a user may do is counted elsewhere.
 */
export function createPacketGuard(
  eventRate: Rate,
  deps: {
    readonly addressOf: (req: IncomingMessage) => string;
    readonly logger: Logger;
    readonly metrics: Metrics;
  },
) {
  const unproven = new WeakMap<EngineSocket, Budget>();
  const owners = new WeakMap<EngineSocket, string>();
  /** Of users who have sent something within the window. */
  const users = new Map<string, Budget>();

  const budgetOfUser = (userId: string): Budget => {
    const known = users.get(userId);
    if (known) return known;
    const { limit, windowMs } = eventRate;
    const budget = { packets: limit * FLOOD, bytes: limit * BYTES_PER_EVENT };
    users.set(userId, budget);
    setTimeout(() => users.delete(userId), windowMs).unref();
    return budget;
  };
  const budgetOf = (conn: EngineSocket): Budget | undefined => {
    const owner = owners.get(conn);
    return owner === undefined ? unproven.get(conn) : budgetOfUser(owner);
  };

  const end = (conn: EngineSocket, reason: string): void => {
    if (conn.readyState !== 'open') return;
    deps.metrics.rateLimited.inc({ class: 'packets' });
    deps.logger.warn({ ip: deps.addressOf(conn.request), reason }, 'Socket closed: it sent too much');
    hangUp(conn, reason);
  };

  /** Counts what has come in. @returns whether it may be decoded; if not, the connection has ended */
  const read = (conn: EngineSocket, packets: number, bytes: number): boolean => {
    const budget = budgetOf(conn);
    if (!budget || conn.readyState === 'closed') return false;
    budget.packets -= packets;
    budget.bytes -= bytes;
    if (budget.packets >= 0 && budget.bytes >= 0) return true;
    end(conn, budget.packets < 0 ? 'Too many packets' : 'Too many bytes');
    return false;
  };

  /** Bounds what waits for a client. */
  const boundUnread = (conn: EngineSocket): void => {
    let waiting = 0;
    conn.on('packetCreate', ({ data }: { data?: string | Buffer }) => {
      waiting += PACKET_OVERHEAD + (data?.length ?? 0);
      if (waiting <= MAX_UNREAD || conn.readyState !== 'open') return;
      deps.logger.info({ ip: deps.addressOf(conn.request) }, 'Socket closed: its client does not read');
      hangUp(conn, 'You do not read what you are sent');
    });
    conn.on('flush', () => {
      waiting = 0;
    });
  };

  /** Largest body of a polling request, in bytes. */
  const limitBody = (conn: EngineSocket, bytes: number): void => {
    const { transport } = conn as { transport: { maxHttpBufferSize?: number } };
    if (transport.maxHttpBufferSize !== undefined) transport.maxHttpBufferSize = bytes;
  };

  return {
    watch(conn: EngineSocket): void {
      unproven.set(conn, { packets: UNPROVEN_PACKETS, bytes: UNPROVEN_BYTES });
      limitBody(conn, UNPROVEN_BYTES);
      boundUnread(conn);
    },
    /** It is known now whose connection this is. */
    proven(conn: EngineSocket, userId: string): void {
      owners.set(conn, userId);
      limitBody(conn, MAX_PACKET);
    },
    read,
    /** One request of polling. @throws AppError rate_limited */
    request(conn: EngineSocket): void {
      if (read(conn, 1, 0)) return;
      const retryAfterS = Math.ceil(eventRate.windowMs / 1000);
      throw new AppError('rate_limited', 'Too many packets on this socket: connect again later.', {
        retryAfterS,
      });
    },
  };
}

export type PacketGuard = ReturnType<typeof createPacketGuard>;
