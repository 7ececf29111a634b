import type { IncomingMessage } from 'node:http';
import type { Socket as EngineSocket } from 'engine.io';
import type { Rate } from '../config/index.ts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import { FLOOD } from './limits.ts';

/** Packets of a connection that has not said who it is: room for a few attempts, and for the answers to pings. */
const UNPROVEN_PACKETS = 20;
/** How long a connection that was told to go may still read that, in milliseconds. */
const LINGER_MS = 1000;

/** Closes a connection, also one whose client reads and answers nothing. */
export function hangUp(conn: EngineSocket): void {
  conn.close(true);
  const { socket } = conn.transport as { socket?: { terminate?(): void } };
  setTimeout(() => socket?.terminate?.(), LINGER_MS).unref();
}

interface Count {
  limit: number;
  used: number;
  windowEnds: number;
}

/**
 * Bounds what one connection may send altogether, events or not: answers to pings nobody sent, attachments, other
 * namespaces, requests of polling. Each connection is counted by itself and in this process alone, because it must cost
 * next to nothing; what a user may do is counted elsewhere.
 */
export function createPacketGuard(
  eventRate: Rate,
  deps: {
    readonly addressOf: (req: IncomingMessage) => string;
    readonly logger: Logger;
    readonly metrics: Metrics;
  },
) {
  const counts = new WeakMap<EngineSocket, Count>();

  const count = (conn: EngineSocket): boolean => {
    const counted = counts.get(conn);
    if (!counted) return true;
    const now = performance.now();
    if (now >= counted.windowEnds) {
      counted.windowEnds = now + eventRate.windowMs;
      counted.used = 0;
    }
    counted.used += 1;
    if (counted.used <= counted.limit) return true;
    if (conn.readyState === 'open') {
      deps.metrics.rateLimited.inc({ class: 'packets' });
      deps.logger.warn({ ip: deps.addressOf(conn.request) }, 'Socket closed: too many packets');
      hangUp(conn);
    }
    return false;
  };

  return {
    watch(conn: EngineSocket): void {
      counts.set(conn, { limit: UNPROVEN_PACKETS, used: 0, windowEnds: Number.POSITIVE_INFINITY });
      conn.on('packet', () => void count(conn));
    },
    /** It is known now whose connection this is. */
    proven(conn: EngineSocket): void {
      const limit = eventRate.limit * FLOOD;
      counts.set(conn, { limit, used: 0, windowEnds: performance.now() + eventRate.windowMs });
    },
    /** One request of polling. @throws AppError rate_limited */
    request(conn: EngineSocket): void {
      if (count(conn)) return;
      const retryAfterS = Math.ceil(eventRate.windowMs / 1000);
      throw new AppError('rate_limited', 'Too many packets on this socket: connect again later.', {
        retryAfterS,
      });
    },
  };
}

export type PacketGuard = ReturnType<typeof createPacketGuard>;
