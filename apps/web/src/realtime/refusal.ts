/** Why the server takes no connection at the moment, and for how long, as it said so itself. */
export interface Refusal {
  readonly detail: string;
  readonly retryAfterS: number;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const parsed = (text: unknown): unknown => {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
};

/**
 * The refusal behind a `connect_error`: Socket.IO brings the problem as `data` when the server knew who it was, and a
 * request of polling holds it in its answer. A WebSocket that was refused tells a page nothing; polling is tried next.
 */
export const refusalOf = (error: unknown): Refusal | undefined => {
  if (!isRecord(error)) return undefined;
  const { data, context } = error;
  const problem = isRecord(data) ? data : isRecord(context) ? parsed(context.responseText) : undefined;
  if (!isRecord(problem) || problem.code !== 'rate_limited') return undefined;
  const { detail, retryAfter } = problem;
  return typeof detail === 'string' && typeof retryAfter === 'number'
    ? { detail, retryAfterS: retryAfter }
    : undefined;
};
