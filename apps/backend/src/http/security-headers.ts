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

const permissionsPolicy: RequestHandler = (_req, res, next) => {
  res.setHeader('Permissions-Policy', 'geolocation=(), microphone=(), camera=()');
  next();
};

/** Security headers with the content policy for this kind of content. */
export const securityHeaders = (content: keyof typeof CSP): RequestHandler[] => [
  helmet({ ...COMMON, contentSecurityPolicy: { useDefaults: false, directives: CSP[content] } }),
  permissionsPolicy,
];
