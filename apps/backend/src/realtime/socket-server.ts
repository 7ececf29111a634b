import { createAdapter } from '@socket.io/redis-adapter';
import { Server } from 'socket.io';
import type { Rate } from '../config/index.ts';
import type { VerifyAccessToken } from '../http/authenticate.ts';
import { clientAddress } from '../http/client-address.ts';
import type { Origins, TrustProxy } from '../http/origins.ts';
import type { AccessPorts } from '../platform/access.ts';
import type { Bus } from '../platform/bus.ts';
import { AppError, ERRORS } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import { toAppError, toProblem } from '../platform/problem.ts';
import { type RedisClients, whenReady } from '../platform/redis.ts';
import { captureError } from '../platform/tracing/index.ts';
import { createAudience } from './audience.ts';
import type { BoundEvent } from './bind-events.ts';
import { type Admit, createEngine } from './engine.ts';
import { createEventBudget } from './event-budget.ts';
import type { GrantsRepository } from './grants.repository.ts';
import { createResync } from './resync.ts';
import { type Broadcaster, room } from './rooms.ts';
import { serveEvents } from './serve-event.ts';
import type { AppServer } from './types.ts';

export interface SocketOptions {
  readonly origins: Origins;
  readonly trust: TrustProxy;
  readonly eventRate: Rate;
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
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Largest packet that is read at all, in bytes; a payload that is too large but fits in here gets an answer. */
const MAX_PACKET = 1024 * 1024;

/**
 * Several instances share their rooms through Redis. The adapter is made once both clients are ready (one whose first
 * SUBSCRIBE fails stays deaf). A socket keeps the adapter it was born with, so those that came before are closed at
 * the transport: their clients reconnect by themselves.
 */
async function joinCluster(io: AppServer, redis: RedisClients): Promise<void> {
  await Promise.all([whenReady(redis.publisher), whenReady(redis.subscriber)]);
  io.adapter(
    createAdapter(redis.publisher, redis.subscriber, {
      key: redis.channel('socket.io'),
      publishOnSpecificResponseChannel: true,
    }),
  );
  for (const socket of io.of('/').sockets.values()) socket.conn.close();
}

/** Sockets for the events of all modules, with the same tokens and policies as the routes. */
export function createSocketServer(options: SocketOptions, deps: SocketDeps) {
  const { logger, metrics, bus } = deps;
  const admit: Admit = (req) => {
    if (!options.origins.allows(req))
      throw new AppError('forbidden', 'Sockets are not open to pages of this origin.');
  };
  const transport = createEngine(
    { maxHttpBufferSize: MAX_PACKET, pingInterval: 25_000, pingTimeout: 20_000 },
    { admit, logger },
  );
  const io: AppServer = new Server({ serveClient: false, connectTimeout: 10_000 });
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

  io.use(async (socket, next) => {
    socket.data.ip = clientAddress(socket.request, options.trust);
    try {
      const token: unknown = socket.handshake.auth.token;
      if (typeof token !== 'string')
        throw new AppError('unauthenticated', 'Send the access token as auth.token.');
      socket.data.actor = await deps.verifyAccessToken(token);
      socket.data.expiresAt = deps.accessTokenExpiry(token);
      await audience.admit(socket);
      next();
    } catch (error) {
      const refusal = toAppError(error);
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
    const budget = createEventBudget(options.eventRate);
    serveEvents(socket, events, budget, deps);
    socket.on('disconnect', (reason, details) => {
      clearTimeout(expiry);
      metrics.socketsClosed.inc({ reason });
      metrics.sockets.dec();
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
      await audience.close();
      // Closing the transport, not the socket: clients then reconnect by themselves, to another instance.
      for (const socket of io.of('/').sockets.values()) socket.conn.close();
      transport.close();
    },
  };
}

export type SocketServer = ReturnType<typeof createSocketServer>;
