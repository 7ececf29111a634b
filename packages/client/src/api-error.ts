import type { Problem } from '@plinth/contracts';

/** Codes of the problems that the client itself reports, besides those of the API. */
export const CLIENT_CODES = {
  /** No reply: the network, the name or the server is down. Status 0. */
  unreachable: 'unreachable',
  /** No reply within the time limit. Status 0. */
  timeout: 'timeout',
  /** A reply that does not come from this API, as a proxy's own error page. */
  unexpectedReply: 'unexpected_reply',
} as const;

/** A call that was not answered with the promised reply. `problem` says why, in the form of RFC 9457. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly problem: Problem;
  /** HTTP status, 0 when there was no reply at all. */
  readonly status: number;
  readonly code: string;
  /** Seconds to wait before the next attempt, when the server names them (RFC 9110, section 10.2.3). */
  readonly retryAfter: number | undefined;
  /** What is wrong, in a sentence for the person who typed it: what the refused fields say, else the detail. */
  readonly reason: string;

  constructor(problem: Problem, options?: { retryAfter?: number | undefined; cause?: unknown }) {
    super(
      problem.detail || problem.title,
      options?.cause === undefined ? undefined : { cause: options.cause },
    );
    this.problem = problem;
    this.status = problem.status;
    this.code = problem.code;
    this.retryAfter = problem.retryAfter ?? options?.retryAfter;
    this.reason = reasonOf(problem);
  }
}

const reasonOf = ({ errors = [], detail }: Problem): string => {
  const typed = errors.filter((error) => error.in === 'body');
  if (typed.length === 0 || typed.length < errors.length) return detail;
  return typed
    .map(({ field, message }) => (typed.length === 1 ? `${message}.` : `${field}: ${message}.`))
    .join(' ');
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isProblem = (value: unknown): value is Problem =>
  isRecord(value) &&
  typeof value.status === 'number' &&
  typeof value.title === 'string' &&
  typeof value.detail === 'string' &&
  typeof value.code === 'string';

/** `Retry-After` in seconds: it is either a number of seconds or a date. */
const secondsToWait = (header: string | null): number | undefined => {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
};

/** The error of a reply whose status says that the call failed. */
export const errorOfReply = async (reply: Response): Promise<ApiError> => {
  const body: unknown = await reply.json().catch(() => undefined);
  const retryAfter = secondsToWait(reply.headers.get('retry-after'));
  if (isProblem(body)) return new ApiError(body, { retryAfter });
  return new ApiError(unexpectedReply(reply), { retryAfter });
};

/** The problem of a reply that this API does not give. */
export const unexpectedReply = (reply: Response): Problem => {
  const requestId = reply.headers.get('x-request-id');
  return {
    type: 'about:blank',
    title: reply.statusText || 'Unexpected reply',
    status: reply.status,
    detail:
      reply.status >= 500
        ? 'The service is not available at the moment. Try again in a moment.'
        : 'Something between you and the service answered in its place, such as the sign-in page of a network.',
    code: CLIENT_CODES.unexpectedReply,
    ...(requestId === null ? {} : { requestId }),
  };
};

/** The error of a call without any reply. */
export const errorOfSilence = (cause: unknown, timeoutMs: number): ApiError => {
  const timedOut = cause instanceof DOMException && cause.name === 'TimeoutError';
  return new ApiError(
    {
      type: 'about:blank',
      title: timedOut ? 'No answer in time' : 'No connection',
      status: 0,
      detail: timedOut
        ? `The service did not answer within ${timeoutMs / 1000} seconds. Try again.`
        : 'The service cannot be reached. Check your connection and try again.',
      code: timedOut ? CLIENT_CODES.timeout : CLIENT_CODES.unreachable,
    },
    { cause },
  );
};
