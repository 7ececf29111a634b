import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import helmet, { type HelmetOptions } from 'helmet';

const YEAR_S = 31_536_000;

/** Headers of every response (requirement C1, ASVS 3.4), whatever it is. */
const COMMON: HelmetOptions = {
  strictTransportSecurity: { maxAge: YEAR_S, includeSubDomains: true, preload: true },
  frameguard: { action: 'deny' },
  referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
  crossOriginEmbedderPolicy: { policy: 'require-corp' },
  crossOriginOpenerPolicy: { policy: 'same-origin' },
  crossOriginResourcePolicy: { policy: 'same-origin' },
};

const NOTHING = {
  'default-src': ["'none'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
};

/** Policies by what is delivered. None of them allows inline scripts. */
const CSP = {
  /** Data is never rendered as a page. */
  api: NOTHING,
  web: {
    ...NOTHING,
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'"],
    'connect-src': ["'self'"],
    'manifest-src': ["'self'"],
    'object-src': ["'none'"],
    'form-action': ["'self'"],
  },
  /** The reference page's renderer writes style attributes. */
  docs: {
    ...NOTHING,
    'script-src': ["'self'"],
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'"],
  },
} as const;

/** What helmet sets for this kind of content, worked out once: it is the same for every response. */
function headersFor(content: keyof typeof CSP): Map<string, string> {
  const req = new IncomingMessage(new Socket());
  const res = new ServerResponse(req);
  helmet({ ...COMMON, contentSecurityPolicy: { useDefaults: false, directives: CSP[content] } })(
    req,
    res,
    () => {},
  );
  res.setHeader('Permissions-Policy', 'geolocation=(), microphone=(), camera=()');
  return new Map(Object.entries(res.getHeaders()).map(([name, value]) => [name, String(value)]));
}

/** Headers of everything that is data, also of what does not pass Express. */
export const API_HEADERS = headersFor('api');

/** Security headers with the content policy for this kind of content. */
export function securityHeaders(content: keyof typeof CSP): RequestHandler {
  const headers = headersFor(content);
  return (_req, res, next) => {
    res.setHeaders(headers);
    next();
  };
}
