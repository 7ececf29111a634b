import { Problem } from '@plinth/contracts';
import { createAdapter } from '@socket.io/redis-adapter';
import { type DefaultEventsMap, Server, type Socket } from 'socket.io';
import type { Rate } from '../config/index.ts';
import type { VerifyAccessToken } from '../http/authenticate.ts';
import { clientAddress } from '../http/client-address.ts';
import type { Origins, TrustProxy } from '../http/origins.ts';
import { type AccessPorts, authorize } from '../platform/access.ts';
import type { Bus } from '../platform/bus.ts';
import type { Context, UserActor } from '../platform/context.ts';
import { AppError, ERRORS } from '../platform/errors.ts';
import { toFieldErrors } from '../platform/field-errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import { toAppError, toProblem } from '../platform/problem.ts';
import { type RedisClients, whenReady } from '../platform/redis.ts';
import { captureError } from '../platform/tracing/index.ts';
import type { BoundEvent, EventInput } from './bind-events.ts';
import { type Admit, createEngine } from './engine.ts';
import { createEventBudget } from './event-budget.ts';
import { type Broadcaster, room } from './rooms.ts';

export interface SocketOptions {
  readonly origins: Origins;
  readonly trust: TrustProxy;
  readonly eventRate: Rate;
}

export interface SocketDeps {
  readonly events: readonly BoundEvent[];
  readonly verifyAccessToken: VerifyAccessToken;
  readonly accessTokenExpiry: (token: string) => Date;
  readonly access: AccessPorts;
  readonly bus: Bus;
  readonly redis?: RedisClients | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

interface SocketData {
  ip: string;
  actor: UserActor;
  expiresAt: Date;
}

// The events' types stand in the contracts and are held by bindEvents and the Broadcaster; here all are alike.
type AppServer = Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;
type AppSocket = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;

/** Largest packet a client may send, in bytes. */
const MAX_PACKET = 64 * 1024;

function contextOf(socket: AppSocket, logger: Logger): Context<UserActor> {
  const requestId = crypto.randomUUID();
  return {
    actor: socket.data.actor,
    requestId,
    logger: logger.child({ requestId, socket: socket.id }),
    // The client may be gone before the answer; what it asked for is done all the same.
    signal: AbortSignal.timeout(30_000),
    ip: socket.data.ip,
  };
}

/** Serves one event: budget, payload, access, handler, reply; every failure is the problem REST would answer. */
function serveEvent(socket: AppSocket, event: BoundEvent, budget: () => boolean, deps: SocketDeps) {
  const { metrics } = deps;
  return async (raw: unknown, ack: unknown) => {
    const answer = typeof ack === 'function' ? (ack as (reply: unknown) => void) : () => {};
    const ctx = contextOf(socket, deps.logger);
    try {
      if (!budget())
        throw new AppError('rate_limited', 'Too many events on this socket. Slow down.', { retryAfterS: 10 });
      const parsed = event.contract.payload.safeParse(raw);
      if (!parsed.success) {
        throw new AppError('invalid_input', 'The payload is not as it should be.', {
          errors: toFieldErrors('payload', parsed.error),
        });
      }
      const orgId = typeof parsed.data.orgId === 'string' ? parsed.data.orgId : undefined;
      const granted = await authorize(ctx, event.contract.access, orgId, deps.access);
      const rooms = {
        join: (name: string) => void socket.join(name),
        leave: (name: string) => void socket.leave(name),
      };
      const input = { ctx: granted, payload: parsed.data, rooms };
      const result = await event.handle(input as EventInput<typeof event.contract>);
      answer({ ok: true, data: event.contract.reply.parse(result) });
      metrics.socketEvents.inc({ event: event.name, outcome: 'ok' });
    } catch (thrown) {
      const error = toAppError(thrown);
      const { severity, reported } = ERRORS[error.code];
      metrics.errors.inc({ code: error.code, severity });
      metrics.socketEvents.inc({ event: event.name, outcome: error.code });
      const cause = error.details.cause ?? error;
      if (severity === 'error') ctx.logger.error({ err: cause, event: event.name }, error.message);
      if (reported)
        captureError(cause, { requestId: ctx.requestId, route: event.name, userId: ctx.actor.userId });
      answer({ ok: false, problem: Problem.parse(toProblem(error, { requestId: ctx.requestId })) });
    }
  };
}

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
  const joined = deps.redis ? joinCluster(io, deps.redis) : Promise.resolve();

  io.use(async (socket, next) => {
    socket.data.ip = clientAddress(socket.request, options.trust);
    try {
      const token: unknown = socket.handshake.auth.token;
      if (typeof token !== 'string')
        throw new AppError('unauthenticated', 'Send the access token as auth.token.');
      socket.data.actor = await deps.verifyAccessToken(token);
      socket.data.expiresAt = deps.accessTokenExpiry(token);
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
    const { actor, expiresAt } = socket.data;
    metrics.sockets.inc();
    void socket.join([room.user(actor.userId), room.session(actor.sessionId)]);
    // The token is checked at the handshake only, so the connection must end when it expires.
    const expiry = setTimeout(() => socket.disconnect(true), Math.max(0, expiresAt.getTime() - Date.now()));
    const budget = createEventBudget(options.eventRate);
    for (const event of deps.events) {
      socket.on(event.name, serveEvent(socket, event, budget, deps));
    }
    socket.on('disconnect', (reason) => {
      clearTimeout(expiry);
      metrics.sockets.dec();
      logger.debug({ socket: socket.id, reason }, 'Socket closed');
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
      for (const off of unsubscribe) off();
      // Closing the transport, not the socket: clients then reconnect by themselves, to another instance.
      for (const socket of io.of('/').sockets.values()) socket.conn.close();
      transport.close();
    },
  };
}

export type SocketServer = ReturnType<typeof createSocketServer>;
