import { Problem } from '@plinth/contracts';
import { type AccessPorts, authorize } from '../platform/access.ts';
import type { Context, UserActor } from '../platform/context.ts';
import { AppError, ERRORS } from '../platform/errors.ts';
import { toFieldErrors } from '../platform/field-errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import { toAppError, toProblem } from '../platform/problem.ts';
import { captureError } from '../platform/tracing/index.ts';
import type { BoundEvent, EventInput } from './bind-events.ts';
import type { AppSocket } from './types.ts';

/** Largest payload of an event, in bytes of its JSON. */
export const MAX_PAYLOAD = 64 * 1024;

interface Deps {
  readonly access: AccessPorts;
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

/** The one payload of an event. */
function payloadOf(event: BoundEvent, payloads: readonly unknown[]) {
  if (payloads.length > 1)
    throw new AppError('invalid_input', 'Send one payload and an acknowledgement.', {
      errors: [{ in: 'payload', field: '', message: `One object was expected, ${payloads.length} came` }],
    });
  const [payload] = payloads;
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
export function serveEvents(
  socket: AppSocket,
  events: ReadonlyMap<string, BoundEvent>,
  budget: () => boolean,
  deps: Deps,
): void {
  const { metrics } = deps;

  const serve = async (ctx: Context<UserActor>, event: BoundEvent | undefined, payloads: unknown[]) => {
    if (!budget())
      throw new AppError('rate_limited', 'Too many events on this socket. Slow down.', { retryAfterS: 10 });
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

  socket.onAny(async (name: string, ...args: unknown[]) => {
    const ack = typeof args.at(-1) === 'function' ? (args.pop() as (reply: unknown) => void) : undefined;
    const event = events.get(name);
    // Names from the contract only: whatever else is sent must not become a label.
    const label = event?.name ?? 'unknown';
    const ctx = contextOf(socket, deps.logger);
    try {
      const data = await serve(ctx, event, args);
      metrics.socketEvents.inc({ event: label, outcome: 'ok' });
      ack?.({ ok: true, data });
    } catch (thrown) {
      const error = toAppError(thrown);
      const { severity, reported } = ERRORS[error.code];
      metrics.errors.inc({ code: error.code, severity });
      metrics.socketEvents.inc({ event: label, outcome: error.code });
      const cause = error.details.cause ?? error;
      if (severity === 'error') ctx.logger.error({ err: cause, event: label }, error.message);
      if (reported) captureError(cause, { requestId: ctx.requestId, route: label, userId: ctx.actor.userId });
      ack?.({ ok: false, problem: Problem.parse(toProblem(error, { requestId: ctx.requestId })) });
    }
  });
}
