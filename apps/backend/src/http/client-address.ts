import type { IncomingMessage, Server } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';
import type { Logger } from '../platform/logger.ts';
import type { TrustProxy } from './origins.ts';

/** Of a connection that is gone already. */
const UNSPECIFIED = '0.0.0.0';
const BRACKETED = /^\[([^\]]*)\](?::\d{1,5})?$/;
const IPV4_WITH_PORT = /^([\d.]+):\d{1,5}$/;
const MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

/**
 * An address as everybody here can use it: limits, logs, the audit trail and PostgreSQL's `inet`. Proxies write ports
 * and brackets, Node writes IPv6 zones and IPv4 as IPv6; one client must not be several by its spelling (RFC 5952).
 * @returns undefined when it is no address
 */
export function canonicalAddress(given: string): string | undefined {
  const text = given.trim().replace(/^"(.*)"$/, '$1');
  const bare = (BRACKETED.exec(text)?.[1] ?? IPV4_WITH_PORT.exec(text)?.[1] ?? text).split('%', 1)[0] ?? '';
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return undefined;
  const plain = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [, high = '', low = ''] = MAPPED.exec(plain) ?? [];
  if (high === '') return plain;
  return [high, low]
    .flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255])
    .join('.');
}

/**
 * Who asks: the nearest address that is none of our proxies. Where a proxy has written something that is no address,
 * the proxy itself is the last one that is known.
 * @param trust whether the proxy at an address, so many hops away, is believed
 */
export function clientAddress(req: IncomingMessage, trust: TrustProxy): string {
  let address = canonicalAddress(req.socket.remoteAddress ?? '') ?? UNSPECIFIED;
  const header = req.headers['x-forwarded-for'];
  if (header === undefined || !trust(address, 0)) return address;
  const hops = String(header).split(',').reverse();
  for (const [hop, text] of hops.entries()) {
    const before = trust(address, hop) ? canonicalAddress(text) : undefined;
    if (before === undefined) break;
    address = before;
  }
  return address;
}

/** Says once that a proxy seems to stand in front although none is trusted: all its clients then share one budget. */
export function warnOfUntrustedProxy(server: Server, logger: Logger): void {
  const look = (req: IncomingMessage) => {
    if (req.headers['x-forwarded-for'] === undefined) return;
    server.off('request', look);
    logger.warn(
      { proxy: canonicalAddress(req.socket.remoteAddress ?? '') },
      'X-Forwarded-For is ignored because no proxy is trusted. If one of yours sent it, name it in TRUST_PROXY.',
    );
  };
  server.on('request', look);
}
