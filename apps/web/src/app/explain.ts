import { ApiError, CLIENT_CODES } from '@plinth/client/core';

export interface Explanation {
  /** Absent when the detail says all: what the person can put right has no name worth learning. */
  readonly title: string | undefined;
  readonly detail: string;
  readonly requestId: string | undefined;
}

/** A failure in words for the person in front of the screen. */
export const explain = (error: unknown): Explanation => {
  if (!(error instanceof ApiError)) {
    return {
      title: 'Something went wrong in this page',
      detail: 'Load the page again. If it stays, tell the person who looks after this service.',
      requestId: undefined,
    };
  }
  const { title, requestId } = error.problem;
  const { reason } = error;
  if (error.code === CLIENT_CODES.unexpectedReply) {
    return {
      title: 'The service cannot be reached',
      detail: 'Something between this page and the service answered in its place. Try again in a moment.',
      requestId,
    };
  }
  if (error.status === 429)
    return { title: undefined, detail: withWait(reason, error.retryAfter), requestId };
  if (error.status >= 500) return { title: 'The service has a problem', detail: reason, requestId };
  if (error.status === 0) return { title, detail: reason, requestId: undefined };
  // What the person can put right needs no number to report either.
  return { title: undefined, detail: reason, requestId: undefined };
};

const WAIT = /\s*Try again in [^.]*\./;

/** A refusal with the time to wait in words for people, instead of what it says itself of the time. */
export const withWait = (detail: string, seconds: number | undefined): string =>
  seconds === undefined ? detail : `${detail.replace(WAIT, '')} Try again in ${secondsInWords(seconds)}.`;

const wordsOf = (text: string): string[] => text.toLowerCase().match(/\p{L}+/gu) ?? [];

/** Whether the title says something that the detail does not say as well, in another order perhaps. */
export const titleAdds = ({ title = '', detail }: Pick<Explanation, 'title' | 'detail'>): boolean => {
  const said = new Set(wordsOf(detail));
  return wordsOf(title).some((word) => !said.has(word));
};

const UNITS = [
  { name: 'hour', seconds: 3600 },
  { name: 'minute', seconds: 60 },
  { name: 'second', seconds: 1 },
];

/** In the largest unit that fits, rounded up: whoever waits so long has waited long enough. */
const secondsInWords = (seconds: number): string => {
  const unit = UNITS.find((one) => seconds >= one.seconds) ?? { name: 'second', seconds: 1 };
  const count = Math.max(1, Math.ceil(seconds / unit.seconds));
  return count === 1 ? `1 ${unit.name}` : `${count} ${unit.name}s`;
};

/** The message of one field in the body of a rejected request, for the place beside that field. */
export const fieldError = (error: unknown, field: string): string | undefined => {
  if (!(error instanceof ApiError)) return undefined;
  return error.problem.errors?.find((one) => one.in === 'body' && one.field === field)?.message;
};

/** Whether the page that was asked for does not exist, or not for this person. */
export const isNotFound = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 404 || error.status === 400 || error.status === 422);

/** No answer, or one that says "later": worth another attempt. Everything else is final. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ApiError && [0, 502, 503, 504].includes(error.status);
