import type { CSRF_HEADER as Header } from '@plinth/contracts';

/** The contracts' constant; its type fails to compile when the two differ. */
export const CSRF_HEADER: typeof Header = 'x-csrf-token';

/**
 * The value of a cookie in a header as `document.cookie` gives it. Its name comes from the server that serves the
 * page: cookies know no ports, and beside ours stand those of other instances on the same machine.
 */
export const cookieIn = (cookies: string, wanted: string): string | undefined => {
  for (const pair of cookies.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === wanted) return decoded(pair.slice(at + 1).trim()) || undefined;
  }
  return undefined;
};

const decoded = (value: string): string => {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
};
