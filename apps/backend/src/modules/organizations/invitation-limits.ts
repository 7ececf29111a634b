import { AppError } from '../../platform/errors.ts';
import type { AddressState } from './invitations.repository.ts';

/** Open invitations of one sender to one address, over all organisations. */
export const MAX_OPEN_OF_SENDER = 3;

/**
 * Invitations to one address in a day. What all accounts of the last days may send together is far less than what
 * everybody may, so that accounts made for the purpose neither flood a person nor keep others from inviting them.
 */
export const MAX_TODAY = { sender: 6, newAccounts: 20, everybody: 100 } as const;

const DAY_S = 86_400;

/**
 * Keeps one person's list of invitations readable, whoever sends. Says nothing about the person: an address without an
 * account has the same limits.
 * @throws AppError conflict or rate_limited
 */
export function refuseFlood(state: AddressState): void {
  if (state.openOfSender >= MAX_OPEN_OF_SENDER)
    throw new AppError(
      'conflict',
      `You have ${MAX_OPEN_OF_SENDER} open invitations to this address. Withdraw one, or wait for an answer.`,
    );
  const isFull =
    state.todayOfSender >= MAX_TODAY.sender ||
    (state.senderIsNew && state.todayOfNewAccounts >= MAX_TODAY.newAccounts) ||
    state.today >= MAX_TODAY.everybody;
  if (isFull)
    throw new AppError('rate_limited', 'This address was invited very often today. Try again tomorrow.', {
      retryAfterS: DAY_S,
    });
}
