import { Problem } from '@plinth/contracts';
import type { Socket as EngineSocket } from 'engine.io';
import { type AccessPorts, authorize } from '../platform/access.ts';
import { BOUNDS, cut } from '../platform/bounds.ts';
import type { Context, UserActor } from '../platform/context.ts';
import { AppError, ERRORS } from '../platform/errors.ts';
import { toFieldErrors } from '../platform/field-errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import { toAppError, toProblem } from '../platform/problem.ts';
import { captureError } from '../platform/tracing/index.ts';
import type { BoundEvent, EventInput } from './bind-events.ts';
import type { EventLimits } from './limits.ts';
import { hangUp } from './packet-guard.ts';
import type { AppSocket } from './types.ts';

/** Largest payload of an event, in bytes of its JSON. */
export const MAX_PAYLOAD = 64 * 1024;

/** Most levels of objects and lists in a payload. */
const MAX_DEPTH = 20;

type Acknowledge = (reply: unknown) => void;

interface Deps {
  readonly access: AccessPorts;
  readonly eventLimits: EventLimits;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

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

const sizeOf = (payload: unknown): number => Buffer.byteLength(JSON.stringify(payload) ?? '');

const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((part) => isDeeperThan(levels - 1, part)));

/** The one payload of an event. */
function payloadOf(event: BoundEvent, payloads: readonly unknown[]) {
  if (payloads.length > 1)
    throw new AppError('invalid_input', 'Send one payload and an acknowledgement.', {
      errors: [{ in: 'payload', field: '', message: `One object was expected, ${payloads.length} came` }],
    });
  const [payload] = payloads;
  // First of all: whatever looks at each level by calling itself fails where there are thousands.
  if (isDeeperThan(MAX_DEPTH, payload))
    throw new AppError('invalid_input', 'The payload is not as it should be.', {
      errors: [{ in: 'payload', field: '', message: `Nest at most ${MAX_DEPTH} levels` }],
    });
  if (sizeOf(payload) > MAX_PAYLOAD)
    throw new AppError('payload_too_large', `A payload may have at most ${MAX_PAYLOAD / 1024} KiB.`);
  const parsed = event.contract.payload.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new AppError('invalid_input', 'The payload is not as it should be.', {
    errors: toFieldErrors('payload', parsed.error),
  });
}

/**
 * Serves all events of a socket: budget, payload, access, handler, reply. Whatever arrives is answered if it asks for
 * an acknowledgement, and counted if not; every failure is the problem REST would answer.
 */
export function serveEvents(socket: AppSocket, events: ReadonlyMap<string, BoundEvent>, deps: Deps): void {
  const { metrics, eventLimits } = deps;
  const { userId } = socket.data.actor;

  const serve = async (ctx: Context<UserActor>, event: BoundEvent | undefined, payloads: unknown[]) => {
    if (!event) throw new AppError('not_found', 'There is no such event.');
    const payload = payloadOf(event, payloads);
    const orgId = typeof payload.orgId === 'string' ? payload.orgId : undefined;
    const granted = await authorize(ctx, event.contract.access, orgId, deps.access);
    const rooms = {
      join: (name: string) => {
        if (!socket.data.stale) void socket.join(name);
      },
      leave: (name: string) => void socket.leave(name),
    };
    const input = { ctx: granted, payload, rooms };
    return event.contract.reply.parse(await event.handle(input as EventInput<typeof event.contract>));
  };

  const refuse = (error: AppError, label: string, requestId: string, ack: Acknowledge | undefined) => {
    metrics.errors.inc({ code: error.code, severity: ERRORS[error.code].severity });
    metrics.socketEvents.inc({ event: label, outcome: error.code });
    ack?.({ ok: false, problem: Problem.parse(toProblem(error, { requestId })) });
  };

  const endFlood = () => {
    if (!socket.connected) return;
    metrics.rateLimited.inc({ class: 'flood' });
    deps.logger.warn(
      { event: 'socket_flood', user: userId, socket: socket.id, ip: socket.data.ip },
      'Socket closed: too many events',
    );
    socket.disconnect(true);
    hangUp(socket.conn as EngineSocket, 'Too many events');
  };

  // One after the other, so that an event whose count is asked for elsewhere is not overtaken.
  let turn: Promise<unknown> = Promise.resolve();

  socket.onAny(async (name: string, ...args: unknown[]) => {
    // What was read before the connection ended comes in all the same.
    if (!socket.connected) return;
    const ack = typeof args.at(-1) === 'function' ? (args.pop() as Acknowledge) : undefined;
    const event = events.get(name);
    // Names from the contract only: whatever else is sent must not become a label.
    const label = event?.name ?? 'unknown';
    const counted = turn.then(() => eventLimits.count(userId, event?.contract));
    turn = counted.catch(() => {});
    let ctx: Context<UserActor> | undefined;
    try {
      const { refusal, flood } = await counted;
      if (flood) return endFlood();
      // Before anything is made for it: to refuse must stay cheap.
      if (refusal) return refuse(refusal, label, crypto.randomUUID(), ack);
      ctx = contextOf(socket, deps.logger);
      const data = await serve(ctx, event, args);
      metrics.socketEvents.inc({ event: label, outcome: 'ok' });
      ack?.({ ok: true, data });
    } catch (thrown) {
      const error = toAppError(thrown);
      ctx ??= contextOf(socket, deps.logger);
      const { requestId } = ctx;
      const { severity, reported } = ERRORS[error.code];
      const cause = error.details.cause ?? error;
      if (severity === 'error') ctx.logger.error({ err: cause, event: label }, error.message);
      else
        ctx.logger[severity](
          {
            code: error.code,
            detail: cut(error.message, BOUNDS.sentence),
            event: label,
            user: userId,
            ip: ctx.ip,
          },
          'Event refused',
        );
      if (reported) captureError(cause, { requestId, route: label, userId });
      refuse(error, label, requestId, ack);
    }
  });

  // A packet that cannot be read ends the connection; it counts like an event, or reconnecting would make it free.
  socket.on('error', () => void eventLimits.count(userId).catch(() => {}));
}
