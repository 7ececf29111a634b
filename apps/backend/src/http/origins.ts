import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { CSRF_HEADER } from '@plinth/contracts';
import type { CorsOptions, CorsOptionsDelegate } from 'cors';

/** Express's `trust proxy fn`: is the proxy at this address, so many hops away, believed? */
export type TrustProxy = (address: string, hop: number) => boolean;

export interface Origins {
  /** Whether a browser page may call with this request; a request that no browser sent always may. */
  allows(req: IncomingMessage): boolean;
  /** The same rule for the `cors` middleware, of Express and of the socket server alike. */
  readonly cors: CorsOptionsDelegate;
}

/** What pages may send along; the names are answered, not what was asked. */
const REQUEST_HEADERS = [
  'Authorization',
  'Content-Type',
  CSRF_HEADER,
  'X-Request-ID',
  'traceparent',
  'tracestate',
];

/** In front of several values stands the one of the proxy nearest to the client. */
const firstOf = (header: string | string[] | undefined): string | undefined =>
  (typeof header === 'string' ? header : header?.[0])?.split(',', 1)[0]?.trim() || undefined;

/**
 * The origin at which this request arrived, as a page at the same address would name its own (RFC 6454, section 6.2).
 * Only a trusted proxy is asked what it was before the proxy.
 */
function ownOrigin(req: IncomingMessage, trust: TrustProxy): string | undefined {
  const trusted = trust(req.socket.remoteAddress ?? '', 0);
  const forwarded = (name: string) => (trusted ? firstOf(req.headers[name]) : undefined);
  const scheme = forwarded('x-forwarded-proto') ?? ((req.socket as TLSSocket).encrypted ? 'https' : 'http');
  const url = `${scheme}://${forwarded('x-forwarded-host') ?? req.headers.host}`;
  return URL.canParse(url) ? new URL(url).origin : undefined;
}

/**
 * Which pages may call: those of the configured origins, and those that this server was reached under itself, since
 * `http://127.0.0.1:3000` is as much our own page as `http://localhost:3000` (ASVS 3.4.2, 4.4.2).
 *
 * A browser leaves the Origin header out at same-origin reads, so its absence alone does not mean that no browser
 * asks: Sec-Fetch-Site tells (Fetch Metadata Request Headers, section 2.4).
 */
export function createOrigins(configured: readonly string[], trust: TrustProxy): Origins {
  const known = new Set(configured);
  const allows = (req: IncomingMessage): boolean => {
    const { origin, 'sec-fetch-site': site } = req.headers;
    if (origin !== undefined) return known.has(origin) || origin === ownOrigin(req, trust);
    return site === undefined || site === 'same-origin' || site === 'none';
  };
  const allowed: CorsOptions = {
    origin: true,
    credentials: true,
    maxAge: 600,
    allowedHeaders: REQUEST_HEADERS,
  };
  // Empty lists and not `false`: caches are told that the answer depends on the origin all the same.
  const refused: CorsOptions = { origin: [], methods: [], allowedHeaders: [] };
  return {
    allows,
    // The package asks for less than what it always hands over.
    cors: (req, decide) => decide(null, allows(req as IncomingMessage) ? allowed : refused),
  };
}
