import { AppError } from '../../platform/errors.ts';
import type { AddressState } from './invitations.repository.ts';

/** Invitations of one sender to one address over all organisations: open ones, and those made in a day. */
const MAX_OF_SENDER = { open: 3, today: 20 } as const;

const DAY_S = 86_400;

/**
 * Bounds what one sender does to one address. What others do refuses nobody, or strangers could keep a person from
 * being invited, and every refusal would tell one organisation about others: a flood by many is dealt with in the list
 * of whoever receives it. Says nothing about the person: an address without an account has the same limits.
 * @throws AppError conflict or rate_limited
 */
export function refuseInsistence({ openOfSender, todayOfSender }: AddressState): void {
  if (openOfSender >= MAX_OF_SENDER.open)
    throw new AppError(
      'conflict',
      `You have ${MAX_OF_SENDER.open} open invitations to this address. Withdraw one, or wait for an answer.`,
    );
  if (todayOfSender >= MAX_OF_SENDER.today)
    throw new AppError(
      'rate_limited',
      `You have invited this address ${MAX_OF_SENDER.today} times today. Try again tomorrow.`,
      { retryAfterS: DAY_S },
    );
}
