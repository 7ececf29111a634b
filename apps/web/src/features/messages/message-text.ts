import {
  countCharacters,
  MAX_MESSAGE_LENGTH,
  problemOfText,
  tidyText,
  withoutControls,
} from '@plinth/contracts/text';

/** How many characters are left when the counter appears. */
const COUNT_FROM = 400;

/** A message as it will be stored: tidied by the contracts' rule, without the control characters that are refused. */
export const messageText = (typed: string): string => tidyText(withoutControls(tidyText(typed)));

/** Counted and judged as the service does. */
export const isSendable = (typed: string): boolean => {
  const text = messageText(typed);
  return text !== '' && problemOfText(text) === undefined && countCharacters(text) <= MAX_MESSAGE_LENGTH;
};

/** What the counter says; undefined while there is plenty of room. */
export const roomLeft = (typed: string): string | undefined => {
  const left = MAX_MESSAGE_LENGTH - countCharacters(messageText(typed));
  if (left > COUNT_FROM) return undefined;
  return left >= 0 ? `${left} characters left` : `${-left} characters too many`;
};
