import type { CSRF_HEADER as Header } from '@plinth/contracts';

/** The contracts' constant; its type fails to compile when the two differ. */
export const CSRF_HEADER: typeof Header = 'x-csrf-token';

/** `__Host-` needs HTTPS; development on plain HTTP has a name without it. */
const COOKIE_NAMES = ['__Host-csrf', 'plinth_csrf'] as const;

/**
 * The CSRF token in a cookie header as `document.cookie` gives it. Without one there is no refresh cookie either:
 * nobody is signed in on this browser.
 */
export const csrfTokenIn = (cookies: string): string | undefined => {
  const values = new Map<string, string>();
  for (const pair of cookies.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0) values.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
  }
  for (const name of COOKIE_NAMES) {
    const value = values.get(name);
    if (value) return decoded(value);
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
