import type { IncomingHttpHeaders } from 'node:http';

/** Asked for every few seconds by machines: spans of these would only hide the others. */
const UNTRACED_PATHS = new Set(['/health', '/healthz', '/readyz', '/metrics']);
/** Transport of Socket.IO: its long polls are no requests of a user, its events have spans of their own. */
const UNTRACED_PREFIX = '/socket.io/';

/** W3C Trace Context: version, trace id, parent id, flags; ids of zeros and version ff are invalid. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]([0-9a-f])(-.*)?$/;

/** Whether the caller's trace is sampled; undefined when there is no valid parent. */
export function isParentSampled(traceparent: string | readonly string[] | undefined): boolean | undefined {
  if (typeof traceparent !== 'string') return undefined;
  const match = TRACEPARENT.exec(traceparent);
  if (!match || (match[1] === '00' && match[3] !== undefined)) return undefined;
  return (Number.parseInt(match[2] ?? '', 16) & 1) === 1;
}

/** Whether spans of this address are worth having at all. */
export function isTraceablePath(url: string): boolean {
  const end = url.indexOf('?');
  return !UNTRACED_PATHS.has(end < 0 ? url : url.slice(0, end)) && !url.startsWith(UNTRACED_PREFIX);
}

/**
 * The sampling decision for one request, made before anything is created for it: the caller's decision where there is
 * one, a draw by ratio otherwise.
 */
export function isRequestTraced(
  request: { readonly url?: string | undefined; readonly headers: IncomingHttpHeaders },
  ratio: number,
  draw: () => number = Math.random,
): boolean {
  const parent = request.headers.traceparent;
  const sampled = (parent === undefined ? undefined : isParentSampled(parent)) ?? draw() < ratio;
  return sampled && isTraceablePath(request.url ?? '');
}
