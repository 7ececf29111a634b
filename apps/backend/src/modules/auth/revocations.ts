import { setTimeout as wait } from 'node:timers/promises';
import type { Bus } from '../../platform/bus.ts';
import { AppError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import type { SessionRepository } from './sessions.repository.ts';

/** How often PostgreSQL is asked for what a lost signal would have said. */
const RESYNC_MS = 5000;
/** Without an answer from PostgreSQL for so long, the list is not trusted any more. */
const STALE_MS = 60_000;
/** At start a database that hesitates is asked again soon: until the first answer every token is refused. */
const FIRST_LOOKS = 4;
const FIRST_LOOKS_APART_MS = 250;

/**
 * Sessions that have ended while access tokens made from them are still within their lifetime. Kept in memory, so that
 * checking costs nothing: filled at start from PostgreSQL, at once by the signal of whoever ends a session, and every
 * few seconds again from PostgreSQL, in case a signal was lost.
 */
export function createRevocations(
  options: { accessTtlS: number },
  deps: { sessions: SessionRepository; bus: Bus; logger: Logger; now: () => Date },
) {
  const { now } = deps;
  /** Session id → when the last access token made from it has expired. */
  const ended = new Map<string, number>();
  const keepMs = (options.accessTtlS + 60) * 1000;
  let syncedAt = Number.NEGATIVE_INFINITY;

  const add = (sessionIds: readonly string[]) => {
    for (const id of sessionIds) ended.set(id, now().getTime() + keepMs);
  };

  const sync = async () => {
    try {
      const present = now().getTime();
      const fresh = (await deps.sessions.revokedSince(new Date(present - keepMs))).filter(
        (id) => !ended.has(id),
      );
      add(fresh);
      // Sockets of a session whose signal was lost are closed now.
      if (fresh.length > 0 && syncedAt > 0) deps.bus.publish('sessions.revoked', { sessionIds: fresh });
      syncedAt = performance.now();
      for (const [id, until] of ended) if (until < present) ended.delete(id);
    } catch (error) {
      deps.logger.warn({ err: error }, 'The list of ended sessions could not be read; trying again');
    }
  };

  const unsubscribe = deps.bus.subscribe('sessions.revoked', ({ sessionIds }) => add(sessionIds));
  const timer = setInterval(sync, RESYNC_MS);
  timer.unref();
  const lookAtStart = async () => {
    for (let look = 1; look <= FIRST_LOOKS && syncedAt < 0; look += 1) {
      if (look > 1) await wait(FIRST_LOOKS_APART_MS, undefined, { ref: false });
      await sync();
    }
  };
  const started = lookAtStart();

  return {
    /** Resolves when the first look has been taken. */
    ready: started,
    /** @throws AppError session_ended, or unavailable while PostgreSQL has not been heard of for long */
    check(sessionId: string): void {
      if (ended.has(sessionId)) throw new AppError('session_ended', 'This session has ended. Sign in again.');
      if (performance.now() - syncedAt > STALE_MS) {
        throw new AppError('unavailable', 'Sessions cannot be checked right now. Try again in a moment.', {
          retryAfterS: 5,
        });
      }
    },
    /** Ends sessions here at once and tells the other instances. Call it after the commit. */
    announce: (sessionIds: readonly string[]): void =>
      deps.bus.publish('sessions.revoked', { sessionIds: [...sessionIds] }),
    async close() {
      clearInterval(timer);
      unsubscribe();
      await started;
    },
  };
}

export type Revocations = ReturnType<typeof createRevocations>;
