import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import compression from 'compression';
import { type RequestHandler, Router, static as serveStatic } from 'express';
import { securityHeaders } from './security-headers.ts';

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
  router.use(
    '/assets',
    serveStatic(join(folder, 'assets'), { immutable: true, maxAge: '1y', fallthrough: true }),
  );
  router.use(serveStatic(folder, { index: false, maxAge: '1h', dotfiles: 'ignore' }));
  router.get('/{*path}', (req, res, next) => {
    // A file that is not there is never the page: an older page would take HTML for its script.
    if (/^\/assets(?:\/|$)|\/\.|\.\w+$/.test(req.path) || !req.accepts('html')) return next();
    res.setHeader('Cache-Control', 'no-cache');
    res.type('html').send(html);
  });
  return (req, res, next) => (isApiPath(req.path) ? next() : router(req, res, next));
}
