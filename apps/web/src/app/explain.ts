import { ApiError, CLIENT_CODES } from '@plinth/client/core';

export interface Explanation {
  readonly title: string;
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
  const { title, detail, requestId } = error.problem;
  if (error.code === CLIENT_CODES.unexpectedReply) {
    return {
      title: 'The service cannot be reached',
      detail: 'Something between this page and the service answered in its place. Try again in a moment.',
      requestId,
    };
  }
  if (error.status === 429) {
    const wait = error.retryAfter === undefined ? '' : ` Try again in ${secondsInWords(error.retryAfter)}.`;
    return { title: 'Too many requests', detail: `${detail}${wait}`, requestId };
  }
  if (error.status >= 500) return { title: 'The service has a problem', detail, requestId };
  // What the person can put right needs no number to report.
  return { title, detail, requestId: undefined };
};

const wordsOf = (text: string): string[] => text.toLowerCase().match(/\p{L}+/gu) ?? [];

/** Whether the title says something that the detail does not say as well, in another order perhaps. */
export const titleAdds = ({ title, detail }: Pick<Explanation, 'title' | 'detail'>): boolean => {
  const said = new Set(wordsOf(detail));
  return wordsOf(title).some((word) => !said.has(word));
};

const secondsInWords = (seconds: number): string => {
  if (seconds < 60) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
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
