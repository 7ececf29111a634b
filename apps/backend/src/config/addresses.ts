import { isIP } from 'node:net';

/** This machine: a loopback address. */
export const isLoopback = (host: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);

/**
 * Within one's own network, by its address: private ranges (RFC 1918, RFC 4193), a name without a dot (a service of
 * Docker or Kubernetes), or a domain that is never public (RFC 6762, RFC 9476, `.svc` of Kubernetes).
 */
export function isPrivateHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  if (isLoopback(name)) return true;
  if (isIP(name) === 4) return /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(name);
  if (isIP(name) === 6) return /^f[cd]/.test(name);
  return (
    !name.includes('.') ||
    /\.(?:local|internal|localhost|lan|home\.arpa|svc(?:\.cluster\.local)?)$/.test(name)
  );
}

/** An address, or a range of them in CIDR notation that does not hold everybody. */
export function isSubnet(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= (version === 4 ? 32 : 128);
}
