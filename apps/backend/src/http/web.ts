import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import compression from 'compression';
import { type RequestHandler, Router, static as serveStatic } from 'express';
import { securityHeaders } from './security-headers.ts';

/** No redirect from a folder and no part of a file: whoever asks for one gets the whole (RFC 9110, 14.2). */
export const FILES = { redirect: false, acceptRanges: false } as const;

const API_PATHS = /^\/(?:api|socket\.io|docs|openapi\.json|health|healthz|readyz|metrics)(?:\/|$)/;

/** Whether an address is one of the API, also in a spelling that the API does not know: that is no page then. */
function isApiPath(path: string): boolean {
  if (API_PATHS.test(path)) return true;
  if (path === '/' || !URL.canParse(`http://web${path}`)) return false;
  const plain = new URL(`http://web${path}`).pathname.replace(/\/{2,}/g, '/').toLowerCase();
  try {
    return API_PATHS.test(decodeURIComponent(plain).replace(/\/{2,}/g, '/'));
  } catch {
    // Not decodable: Express says so.
    return true;
  }
}

/**
 * Serves the built web app: hashed files are immutable for a year, the page itself is always asked for again, and
 * every other address that a browser navigates to is the page (its router takes over from there).
 * @param folder the build's output
 */
export function serveWeb(folder: string): RequestHandler {
  const page = join(folder, 'index.html');
  if (!existsSync(page))
    throw new Error(
      `The web app is not built: ${page} is missing. Run "npm run build", or set SERVE_WEB=false.`,
    );
  const html = readFileSync(page);
  const router = Router();
  router.use(securityHeaders('web'), compression());
  router.use('/assets', serveStatic(join(folder, 'assets'), { ...FILES, immutable: true, maxAge: '1y' }));
  router.use(serveStatic(folder, { ...FILES, index: false, maxAge: '1h', dotfiles: 'ignore' }));
  router.get('/{*path}', (req, res, next) => {
    // A file that is not there is never the page: an older page would take HTML for its script.
    if (/^\/assets(?:\/|$)|\/\.|\.\w+$/.test(req.path) || !req.accepts('html')) return next();
    res.setHeader('Cache-Control', 'no-cache');
    res.type('html').send(html);
  });
  // Nobody links to "//", which is another site's name at the beginning of a link. OPTIONS is answered for all alike.
  return (req, res, next) =>
    req.method === 'OPTIONS' || req.path.includes('//') || isApiPath(req.path)
      ? next()
      : router(req, res, next);
}
