import type { ClientEventContract } from '@plinth/contracts';
import { type AppError, tooMany } from '../platform/errors.ts';
import type { Budget, Limits } from '../platform/limits/index.ts';
import type { Metrics } from '../platform/metrics.ts';

/** So many times its budget ends a socket: what is only refused still costs reading, counting and answering. */
export const FLOOD = 10;

/** How one event fits into the budgets of its user. */
export interface EventVerdict {
  readonly refusal?: AppError;
  /** So far beyond the budget that answering is too much. */
  readonly flood: boolean;
}

const FITS: EventVerdict = { flood: false };

/** Counts the events of users, over all their sockets and instances, and with what they ask over REST. */
export function createEventLimits(limits: Limits, metrics: Metrics) {
  const refuse = (name: string, what: string, waitMs: number): AppError => {
    metrics.rateLimited.inc({ class: name });
    return tooMany(what, waitMs);
  };
  const used = async ({ policy, take }: Budget, userId: string) => {
    const taken = await take(`user:${userId}`);
    return { ...taken, flood: taken.hits > policy.rate.limit * FLOOD };
  };
  return {
    /** @param contract of the event; none for what is no event of ours */
    async count(userId: string, contract?: ClientEventContract): Promise<EventVerdict> {
      const events = await used(limits.events, userId);
      if (!events.allowed)
        return { refusal: refuse('events', 'Too many events', events.resetMs), flood: events.flood };
      if (contract?.limit !== 'general') return FITS;
      const general = await limits.general.take(`user:${userId}`);
      if (general.allowed) return FITS;
      return { refusal: refuse('general', 'Too many requests', general.resetMs), flood: false };
    },
  };
}

export type EventLimits = ReturnType<typeof createEventLimits>;
