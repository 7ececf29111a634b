import type { AppError } from '../platform/errors.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The headers that belong to an error besides its body. */
export function headersOf({ code, details }: AppError): Record<string, string> {
  const headers: Record<string, string> = { 'Cache-Control': 'no-store' };
  if (details.retryAfterS !== undefined) headers['Retry-After'] = String(details.retryAfterS);
  if (details.allow) headers.Allow = details.allow.join(', ');
  if (code === 'unauthenticated' || code === 'session_ended') headers['WWW-Authenticate'] = 'Bearer';
  if (code === 'upgrade_required') {
    headers.Upgrade = 'websocket';
    headers['Sec-WebSocket-Version'] = '13';
  }
  return headers;
}
