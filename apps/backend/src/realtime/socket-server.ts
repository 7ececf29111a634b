import type { IncomingMessage } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import type { Socket as EngineSocket } from 'engine.io';
import { Server } from 'socket.io';
import type { VerifyAccessToken } from '../http/authenticate.ts';
import { clientAddress } from '../http/client-address.ts';
import type { Origins, TrustProxy } from '../http/origins.ts';
import type { AccessPorts } from '../platform/access.ts';
import type { Bus } from '../platform/bus.ts';
import { AppError, ERRORS, tooMany } from '../platform/errors.ts';
import type { Limits } from '../platform/limits/index.ts';
import { clientKey } from '../platform/limits/networks.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import { toAppError, toProblem } from '../platform/problem.ts';
import { type RedisClients, whenReady } from '../platform/redis.ts';
import { captureError } from '../platform/tracing/index.ts';
import { createAudience } from './audience.ts';
import type { BoundEvent } from './bind-events.ts';
import { createEngine, type Gate } from './engine.ts';
import type { GrantsRepository } from './grants.repository.ts';
import { createHandshakes, type HolderOf } from './handshakes.ts';
import { createEventLimits } from './limits.ts';
import { createPacketGuard, MAX_PACKET } from './packet-guard.ts';
import * as parser from './parser.ts';
import { createResync } from './resync.ts';
import { type Broadcaster, room } from './rooms.ts';
import { serveEvents } from './serve-event.ts';
import type { AppServer, AppSocket } from './types.ts';
import { createUserSockets } from './user-sockets.ts';

export interface SocketOptions {
  readonly origins: Origins;
  readonly trust: TrustProxy;
  /** Open sockets of one user, over all instances. */
  readonly socketsPerUser: number;
  /** How often memberships and sessions of connected users are read again. */
  readonly refreshMs: number;
}

export interface SocketDeps {
  readonly events: readonly BoundEvent[];
  readonly verifyAccessToken: VerifyAccessToken;
  readonly accessTokenExpiry: (token: string) => Date;
  readonly access: AccessPorts;
  readonly grants: GrantsRepository;
  readonly bus: Bus;
  readonly redis?: RedisClients | undefined;
  readonly limits: Limits;
  /** Whose token or cookie comes with a request. */
  readonly holderOf: HolderOf;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** When somebody with too many sockets may try again, in seconds: one of them may have ended. */
const FULL_RETRY_S = 30;

/**
 * Several instances share their rooms through Redis. The adapter is made once both clients are ready (one whose first
 * SUBSCRIBE fails stays deaf). A socket keeps the adapter it was born with, and one that came before the subscriptions
 * stood has missed what was said until then: these are closed at the transport, and their clients reconnect by
 * themselves.
 */
async function joinCluster(io: AppServer, redis: RedisClients): Promise<void> {
  await Promise.all([whenReady(redis.publisher), whenReady(redis.subscriber)]);
  io.adapter(
    createAdapter(redis.publisher, redis.subscriber, {
      key: redis.channel('socket.io'),
      publishOnSpecificResponseChannel: true,
    }),
  );
  // Redis answers in the order in which it was asked. Should it go away in between, its return is a resynchronisation.
  await redis.subscriber.ping().catch(() => {});
  for (const socket of io.of('/').sockets.values()) socket.conn.close();
}

/** Sockets for the events of all modules, with the same tokens and policies as the routes. */
export function createSocketServer(options: SocketOptions, deps: SocketDeps) {
  const { logger, metrics, bus, limits } = deps;
  const addressOf = (req: IncomingMessage) => clientAddress(req, options.trust);
  const handshakes = createHandshakes(options.socketsPerUser, { ...deps, addressOf });
  const packets = createPacketGuard(limits.config.events.rate, { ...deps, addressOf });
  const eventLimits = createEventLimits(limits, metrics);
  const userSockets = createUserSockets(options.socketsPerUser, { ...deps, redis: deps.redis?.commands });
  const gate: Gate = {
    async admit(req) {
      await handshakes.admit(req);
      if (options.origins.allows(req)) return;
      const refusal = new AppError('forbidden', 'Sockets are not open to pages of this origin.');
      const told = await handshakes.wrong(req, refusal);
      handshakes.ended(req);
      throw told;
    },
    known: packets.request,
    read: packets.read,
    async stray(req) {
      const { allowed, resetMs } = await limits.general.take(clientKey(addressOf(req)));
      if (allowed) return;
      metrics.rateLimited.inc({ class: 'general' });
      throw tooMany('Too many requests', resetMs);
    },
  };
  const transport = createEngine(
    { maxHttpBufferSize: MAX_PACKET, pingInterval: 25_000, pingTimeout: 20_000 },
    { gate, logger },
  );
  transport.engine.on('connection', (conn: EngineSocket) => {
    packets.watch(conn);
    conn.once('close', () => handshakes.ended(conn.request));
  });
  const io: AppServer = new Server({ serveClient: false, connectTimeout: 10_000, parser });
  io.bind(transport.engine);
  const audience = createAudience(io, options, deps);
  io.on('membership', audience.membershipChanged);
  const { redis } = deps;
  let resync: ReturnType<typeof createResync> | undefined;
  let closed = false;
  const joined = redis
    ? joinCluster(io, redis).then(() => {
        if (!closed) resync = createResync(io, redis, deps);
      })
    : Promise.resolve();

  const events = new Map(deps.events.map((event) => [event.name, event]));

  /** The newest is refused: closing the oldest would let a thief of a token throw its owner out, and tabs each other. */
  const takePlace = async ({ conn, id, data: { actor } }: AppSocket): Promise<void> => {
    if (!(await userSockets.enter(actor.userId, id))) {
      metrics.rateLimited.inc({ class: 'sockets' });
      throw new AppError(
        'rate_limited',
        `You are connected ${options.socketsPerUser} times already. Close a tab or a device that you do not need.`,
        { retryAfterS: FULL_RETRY_S },
      );
    }
    const leave = () => userSockets.leave(actor.userId, id);
    if (conn.readyState === 'open') conn.once('close', leave);
    else leave();
  };

  io.use(async (socket, next) => {
    socket.data.ip = addressOf(socket.request);
    try {
      const token: unknown = socket.handshake.auth.token;
      if (typeof token !== 'string')
        throw new AppError('unauthenticated', 'Send the access token as auth.token.');
      const actor = await deps.verifyAccessToken(token);
      socket.data.actor = actor;
      socket.data.expiresAt = deps.accessTokenExpiry(token);
      await handshakes.right(socket.request, actor);
      await audience.admit(socket);
      await takePlace(socket);
      packets.proven(socket.conn as EngineSocket, actor.userId);
      next();
    } catch (error) {
      const refusal = await handshakes.wrong(socket.request, toAppError(error));
      const { severity, reported } = ERRORS[refusal.code];
      metrics.errors.inc({ code: refusal.code, severity });
      logger[severity](
        { err: refusal.details.cause, code: refusal.code, ip: socket.data.ip },
        'Socket refused',
      );
      if (reported) captureError(refusal.details.cause ?? refusal);
      next(Object.assign(new Error(refusal.message), { data: toProblem(refusal, {}) }));
    }
  });

  io.on('connection', (socket) => {
    const { expiresAt } = socket.data;
    metrics.sockets.inc();
    audience.enter(socket);
    // The token is checked at the handshake only, so the connection must end when it expires.
    const expiry = setTimeout(() => socket.disconnect(true), Math.max(0, expiresAt.getTime() - Date.now()));
    serveEvents(socket, events, { ...deps, eventLimits });
    socket.on('disconnect', (reason, details) => {
      clearTimeout(expiry);
      metrics.socketsClosed.inc({ reason });
      metrics.sockets.dec();
      // There is one namespace: a connection that has left it would be nobody's, and last for ever.
      socket.conn.close();
      // What a client provoked is worth a line: a packet beyond all limits, or one that is none.
      const level = /error/.test(reason) ? 'info' : 'debug';
      logger[level]({ socket: socket.id, reason, details: String(details ?? '') }, 'Socket closed');
    });
  });

  // Each instance closes its own sockets: the signal reaches every one of them.
  const unsubscribe = [
    bus.subscribe('sessions.revoked', ({ sessionIds }) => {
      for (const id of sessionIds) io.local.in(room.session(id)).disconnectSockets(true);
    }),
  ];

  const local: Broadcaster = {
    async broadcast(name, event, payload) {
      io.local.to(name).emit(event, payload);
    },
    async disconnect(name) {
      io.local.in(name).disconnectSockets(true);
    },
    async membershipChanged(change) {
      audience.membershipChanged(change);
    },
  };

  return {
    io,
    poll: transport.poll,
    upgrade: transport.upgrade,
    /** Resolves when sockets of this process hear what is said on other instances. */
    joined,
    /** Broadcasts to the sockets of this process only: for a single process without Redis. */
    local,
    /** Closes the sockets so that clients reconnect elsewhere by themselves. */
    async close() {
      closed = true;
      for (const off of unsubscribe) off();
      resync?.close();
      userSockets.close();
      await audience.close();
      // Closing the transport, not the socket: clients then reconnect by themselves, to another instance.
      for (const socket of io.of('/').sockets.values()) socket.conn.close();
      transport.close();
    },
  };
}

export type SocketServer = ReturnType<typeof createSocketServer>;
