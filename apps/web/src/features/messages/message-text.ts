import type { MAX_MESSAGE_LENGTH as Max } from '@plinth/contracts';

/** The contracts' constant; its type fails to compile when the two differ. */
export const MAX_MESSAGE_LENGTH: typeof Max = 4000;

/** How many characters are left when the counter appears. */
const COUNT_FROM = 400;

/** A message as it will be stored: without space around it and without the control characters that are refused. */
export const messageText = (typed: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
  typed.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '').trim();

export const isSendable = (typed: string): boolean => {
  const { length } = messageText(typed);
  return length > 0 && length <= MAX_MESSAGE_LENGTH;
};

/** What the counter says; undefined while there is plenty of room. */
export const roomLeft = (typed: string): string | undefined => {
  const left = MAX_MESSAGE_LENGTH - messageText(typed).length;
  if (left > COUNT_FROM) return undefined;
  return left >= 0 ? `${left} characters left` : `${-left} characters too many`;
};
