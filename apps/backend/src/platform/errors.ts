import type { FieldError } from '@plinth/contracts';

interface ErrorKind {
  readonly status: number;
  readonly title: string;
  /** How loudly it is logged. */
  readonly severity: 'debug' | 'info' | 'warn' | 'error';
  /** Sent to error reporting. */
  readonly reported: boolean;
}

/** Everything the service can answer besides success: the one table from code to HTTP and severity. */
export const ERRORS = {
  malformed: { status: 400, title: 'Malformed request', severity: 'info', reported: false },
  invalid_input: { status: 400, title: 'Invalid input', severity: 'info', reported: false },
  unauthenticated: { status: 401, title: 'Not signed in', severity: 'info', reported: false },
  invalid_credentials: { status: 401, title: 'Wrong email or password', severity: 'warn', reported: false },
  session_ended: { status: 401, title: 'Session ended', severity: 'warn', reported: false },
  csrf_failed: { status: 403, title: 'CSRF check failed', severity: 'warn', reported: false },
  forbidden: { status: 403, title: 'Not allowed', severity: 'warn', reported: false },
  not_found: { status: 404, title: 'Not found', severity: 'info', reported: false },
  method_not_allowed: { status: 405, title: 'Method not allowed', severity: 'info', reported: false },
  request_timeout: { status: 408, title: 'Request timeout', severity: 'info', reported: false },
  conflict: { status: 409, title: 'Conflict', severity: 'info', reported: false },
  gone: { status: 410, title: 'Gone', severity: 'info', reported: false },
  precondition_failed: { status: 412, title: 'Precondition failed', severity: 'info', reported: false },
  payload_too_large: { status: 413, title: 'Payload too large', severity: 'info', reported: false },
  unsupported_media_type: { status: 415, title: 'Unsupported media type', severity: 'info', reported: false },
  expectation_failed: { status: 417, title: 'Expectation failed', severity: 'info', reported: false },
  upgrade_required: { status: 426, title: 'Upgrade required', severity: 'info', reported: false },
  // Counted in the metrics; a flood must not fill the log with warnings.
  rate_limited: { status: 429, title: 'Too many requests', severity: 'info', reported: false },
  headers_too_large: { status: 431, title: 'Headers too large', severity: 'info', reported: false },
  internal: { status: 500, title: 'Internal error', severity: 'error', reported: true },
  not_implemented: { status: 501, title: 'Not implemented', severity: 'info', reported: false },
  // A probe asks every few seconds; what is wrong is logged where it is found, once.
  not_ready: { status: 503, title: 'Not ready', severity: 'debug', reported: false },
  unavailable: { status: 503, title: 'Temporarily unavailable', severity: 'error', reported: false },
  http_version_not_supported: {
    status: 505,
    title: 'HTTP version not supported',
    severity: 'info',
    reported: false,
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetails {
  /** Rejected fields, each with its remedy. */
  readonly errors?: readonly FieldError[];
  /** Seconds after which trying again makes sense. */
  readonly retryAfterS?: number;
  /** Methods that the address does answer. */
  readonly allow?: readonly string[];
  /** The fault underneath: logged and reported, never shown. */
  readonly cause?: unknown;
}

/** An error that the caller is told about. `message` is shown to people: say what is wrong and what helps. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }
}

/** Not there, or not for the caller to know: the two look the same. */
export const notFound = (what: string): AppError => new AppError('not_found', `There is no such ${what}.`);

/**
 * A refusal for the rate, which says when to come back: in a second at the earliest.
 * @param what is too much, as the beginning of a sentence
 */
export function tooMany(what: string, waitMs: number): AppError {
  const retryAfterS = Math.max(1, Math.ceil(waitMs / 1000));
  const unit = retryAfterS === 1 ? 'second' : 'seconds';
  return new AppError('rate_limited', `${what}. Try again in ${retryAfterS} ${unit}.`, { retryAfterS });
}
