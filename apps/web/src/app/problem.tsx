import { ApiError } from '@plinth/client/core';
import { Banner } from '../ui/banner.tsx';
import { Button } from '../ui/button.tsx';

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
  if (error.status === 429) {
    const wait = error.retryAfter === undefined ? '' : ` Try again in ${secondsInWords(error.retryAfter)}.`;
    return { title: 'Too many requests', detail: `${detail}${wait}`, requestId };
  }
  if (error.status >= 500) return { title: 'The service has a problem', detail, requestId };
  // What the person can put right needs no number to report.
  return { title, detail, requestId: undefined };
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

interface ProblemBannerProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
  readonly className?: string;
}

export function ProblemBanner({ error, onRetry, className }: ProblemBannerProps) {
  const { title, detail, requestId } = explain(error);
  return (
    <Banner
      tone="danger"
      {...(className === undefined ? {} : { className })}
      action={
        onRetry && (
          <Button look="quiet" onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      <p className="font-medium">{title}</p>
      <p>{detail}</p>
      {requestId !== undefined && <p className="mt-1 text-sm opacity-85">Request id: {requestId}</p>}
    </Banner>
  );
}
