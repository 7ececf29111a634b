import type { Problem } from '@plinth/contracts';
import { classifyDatabaseError } from '@plinth/database';
import { BOUNDS, cut } from './bounds.ts';
import { AppError, ERRORS } from './errors.ts';
import { currentTraceId } from './tracing/index.ts';

/** Errors of Express' own parsers and router, which carry a status instead of a code. */
function fromExpress(error: { status?: unknown; type?: unknown }): AppError | undefined {
  const { status, type } = error;
  if (status === 412)
    return new AppError(
      'precondition_failed',
      'The file is not the one that If-Match or If-Unmodified-Since names.',
      {
        cause: error,
      },
    );
  if (status === 413)
    return new AppError('payload_too_large', 'The body is larger than this server accepts.', {
      cause: error,
    });
  if (status === 415)
    return new AppError(
      'unsupported_media_type',
      'The charset or encoding of the body is not supported. Send UTF-8 JSON.',
      { cause: error },
    );
  if (type === 'entity.parse.failed')
    return new AppError('malformed', 'The body is not valid JSON.', { cause: error });
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new AppError('malformed', 'The request could not be read.', { cause: error });
  return undefined;
}

/** Every error as an {@link AppError}: unknown ones become `internal` and tell the client nothing. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const kind = classifyDatabaseError(error);
  if (kind === 'unavailable' || kind === 'timeout' || kind === 'serialization') {
    return new AppError('unavailable', 'The service is busy or restarting. Try again in a moment.', {
      retryAfterS: 2,
      cause: error,
    });
  }
  const known = typeof error === 'object' && error !== null ? fromExpress(error) : undefined;
  return (
    known ??
    new AppError('internal', 'Something went wrong on our side. Quote the request id when you report it.', {
      cause: error,
    })
  );
}

/** The error as the client sees it (RFC 9457). */
export function toProblem(error: AppError, where: { requestId?: string; instance?: string }): Problem {
  const { status, title } = ERRORS[error.code];
  const { errors, retryAfterS } = error.details;
  const traceId = currentTraceId();
  return {
    type: `urn:problem:${error.code.replaceAll('_', '-')}`,
    title,
    status,
    detail: cut(error.message, BOUNDS.sentence),
    code: error.code,
    ...where,
    ...(where.instance !== undefined && { instance: cut(where.instance, BOUNDS.path) }),
    ...(traceId && { traceId }),
    ...(errors && { errors: errors.slice(0, BOUNDS.fields) }),
    ...(retryAfterS !== undefined && { retryAfter: retryAfterS }),
  };
}
