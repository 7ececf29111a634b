import type { IncomingMessage } from 'node:http';

/** RFC 9112, 3.2.1, in visible ASCII. No backslash in the path and no fragment: browsers and servers disagree on them. */
const ORIGIN_FORM = /^\/[!"$->@-[\]-~]*(?:\?[!"$-~]*)?$/;
const ABSOLUTE_FORM = /^https?:\/\/([^/?#@\\]+)([/?].*)?$/i;

/**
 * Brings the target of a request into the one form that everybody behind this understands, before Express sees it: it
 * answers by itself, in HTML, what it cannot parse. A whole URL is taken for its path and host, as RFC 9112, 3.2.2 asks
 * of every server. What remains goes to "/" with its own words as `originalUrl`: see {@link isReadableTarget}.
 */
export function settleTarget(req: IncomingMessage): void {
  const { url = '' } = req;
  if (ORIGIN_FORM.test(url) || (url === '*' && req.method === 'OPTIONS')) return;
  const [, authority, rest = ''] = ABSOLUTE_FORM.exec(url) ?? [];
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  if (authority !== undefined && URL.canParse(`http://${authority}`) && ORIGIN_FORM.test(path)) {
    req.url = path;
    req.headers.host = authority;
  } else Object.assign(req, { url: '/', originalUrl: url });
}

/** Whether the target of a request that no middleware has rewritten is one of ours. */
export const isReadableTarget = ({ url, originalUrl }: { url: string; originalUrl: string }): boolean =>
  url === originalUrl;
