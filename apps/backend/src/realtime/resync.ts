import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { RedisClients } from '../platform/redis.ts';
import type { AppServer, AppSocket } from './types.ts';

/** How often the subscription is asked whether it still lives, and how long an answer may take. */
const BEAT_MS = 2000;
/** Sockets are closed over this time for each thousand of them, so that not all come back in the same moment. */
const SPREAD_MS_PER_THOUSAND = 2000;

/**
 * Redis tells each message once to who is subscribed then. When the subscription was away, nobody knows what this
 * process has missed: its sockets are taken out of all rooms before anything is heard again, and closed at the
 * transport once the subscriptions stand. Their clients reconnect, are authorised anew, and catch up from the database.
 */
export function createResync(
  io: AppServer,
  { subscriber }: RedisClients,
  deps: { readonly logger: Logger; readonly metrics: Metrics },
) {
  let stopped = false;
  const timers = new Set<NodeJS.Timeout>();

  const later = (ms: number, work: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
  };

  const forget = (socket: AppSocket) => {
    socket.data.stale = true;
    // With this adapter leaving is immediate.
    for (const name of [...socket.rooms]) void socket.leave(name);
  };

  /** The subscriptions were sent before; Redis answers in their order. */
  const answered = async (): Promise<boolean> => {
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), BEAT_MS);
    const pong = subscriber.ping().then(
      () => true,
      () => false,
    );
    return Promise.race([pong, late]).finally(() => clearTimeout(timer));
  };

  const resync = async () => {
    for (const socket of io.of('/').sockets.values()) forget(socket);
    // Without an answer the connection is replaced, and this begins again.
    if (!(await answered())) return void (stopped || subscriber.disconnect(true));
    const sockets = [...io.of('/').sockets.values()];
    deps.metrics.socketResyncs.inc();
    deps.logger.warn(
      { sockets: sockets.length },
      'The subscription to Redis was away; sockets are closed so that their clients catch up',
    );
    const spreadMs = (sockets.length / 1000) * SPREAD_MS_PER_THOUSAND;
    for (const [n, socket] of sockets.entries()) {
      forget(socket);
      later((n / sockets.length) * spreadMs, () => socket.conn.close());
    }
  };

  // Emitted before any answer to the subscriptions that the client sends again by itself.
  const onReady = () => void resync();
  subscriber.on('ready', onReady);

  let opening = false;
  const beat = async () => {
    // A connection that fell silent without closing is as deaf as a closed one; so is one that stays half open.
    const { status } = subscriber;
    const silent = status === 'ready' ? !(await answered()) : status === 'connect' && opening;
    opening = status === 'connect';
    if (silent && !stopped && subscriber.status === status) subscriber.disconnect(true);
    if (!stopped) later(BEAT_MS, () => void beat());
  };
  later(BEAT_MS, () => void beat());

  return {
    close() {
      stopped = true;
      subscriber.off('ready', onReady);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
