import { createHmac } from 'node:crypto';

export interface CookieNames {
  readonly secure: boolean;
  readonly refresh: string;
  readonly csrf: string;
  /** Remembers that somebody has signed in on this device before. */
  readonly device: string;
}

/**
 * Names of the cookies. Cookies know no ports (RFC 6265, section 8.5), so what runs on one development
 * machine, as two clones, or development beside `npm start`, shares one jar: each instance has names of its own there.
 * In production the host belongs to this service alone. The `__Host-` prefix demands Secure, which plain http cannot
 * give; browsers make an exception for localhost.
 */
export function cookieNames(of: { production: boolean; webOrigin: string; secret: string }): CookieNames {
  const https = of.webOrigin.startsWith('https://');
  const secure = of.production || https;
  const instance = createHmac('sha256', of.secret)
    .update(`cookies of ${of.webOrigin}`)
    .digest('hex')
    .slice(0, 8);
  const name = (what: string) =>
    of.production && https ? `__Host-${what}` : `${secure ? '__Host-' : 'plinth_'}${instance}_${what}`;
  return { secure, refresh: name('refresh'), csrf: name('csrf'), device: name('device') };
}
