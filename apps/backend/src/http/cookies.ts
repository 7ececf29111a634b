import type { IncomingMessage } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { Request, Response } from 'express';

export interface CookieOptions {
  readonly httpOnly: boolean;
  readonly secure: boolean;
  /** Seconds; 0 deletes the cookie. */
  readonly maxAgeS: number;
}

/** What a handler may do to the exchange besides returning a reply. */
export interface Exchange {
  /** A header of the request, by its lower-case name. */
  header(name: string): string | undefined;
  cookie(name: string): string | undefined;
  setCookie(name: string, value: string, options: CookieOptions): void;
  setHeader(name: string, value: string): void;
}

/** A cookie of a request. */
export const cookieOf = ({ headers }: IncomingMessage, name: string): string | undefined =>
  parseCookie(headers.cookie ?? '')[name];

/** The part of the exchange that handlers see, so that none of them touches `req` or `res`. */
export function exchangeOf(req: Request, res: Response): Exchange {
  return {
    header: (name) => {
      const value = req.headers[name];
      return typeof value === 'string' ? value : undefined;
    },
    cookie: (name) => cookieOf(req, name),
    setCookie: (name, value, { httpOnly, secure, maxAgeS }) => {
      res.append(
        'Set-Cookie',
        stringifySetCookie({ name, value, path: '/', sameSite: 'strict', httpOnly, secure, maxAge: maxAgeS }),
      );
    },
    setHeader: (name, value) => {
      res.setHeader(name, value);
    },
  };
}
