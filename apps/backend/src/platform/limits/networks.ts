import { isIPv6 } from 'node:net';
import { ipKeyGenerator } from 'express-rate-limit';
import type { Rate } from '../../config/index.ts';
import type { Bucket } from './attempts.ts';

/** A network that an address belongs to, and how many times the budget of a single client it has. */
export interface Network {
  readonly key: string;
  readonly factor: number;
}

/**
 * Who owns one IPv6 address mostly owns 2^64 of them, often a /56 and sometimes a /48 (RFC 6177); who owns one IPv4
 * address may own its neighbours. The wider the network, the more people may be behind it, hence the rising factors.
 */
const IPV6 = [
  { bits: 64, factor: 1 },
  { bits: 56, factor: 4 },
  { bits: 48, factor: 16 },
] as const;
const IPV4_NEIGHBOURS = { bits: 24, factor: 8 } as const;

const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;

/** The networks of an address, from the single client to the widest. */
export function networksOf(address: string): [Network, ...Network[]] {
  const plain = address.replace(MAPPED, '');
  if (isIPv6(plain)) {
    const [first, ...wider] = IPV6.map(({ bits, factor }) => ({
      key: `ip:${ipKeyGenerator(plain, bits)}`,
      factor,
    }));
    return [first as Network, ...wider];
  }
  const { bits, factor } = IPV4_NEIGHBOURS;
  const neighbours = plain.replace(/\.\d+$/, `.0/${bits}`);
  return [
    { key: `ip:${plain}`, factor: 1 },
    ...(neighbours === plain ? [] : [{ key: `ip:${neighbours}`, factor }]),
  ];
}

/** An address and its wider networks as counts of one kind, each with its multiple of the rate. */
export function networkBuckets(kind: string, address: string, rate: Rate): [Bucket, ...Bucket[]] {
  const [first, ...wider] = networksOf(address).map(({ key, factor }) => ({
    key: `${kind}:${key}`,
    rate: { limit: rate.limit * factor, windowMs: rate.windowMs },
  }));
  return [first as Bucket, ...wider];
}

/** The single client of an address: an IPv4 address, or a /64. */
export const clientKey = (address: string): string => networksOf(address)[0].key;
