import type { KeyObject } from 'node:crypto';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyRing } from './signing-keys.ts';

/** How long a device is remembered after its last sign-in. */
const REMEMBER_S = 180 * 86_400;
/** Accounts that one device is remembered for; the one used longest ago goes first. */
const MAX_ACCOUNTS = 5;

interface Device {
  readonly id: string;
  readonly expiresS: number;
  /** Newest first. */
  readonly accounts: readonly string[];
}

/**
 * Remembers, in a cookie that only we can write, for which accounts a device has been signed in before. It opens
 * nothing: it only gives guesses from this device a budget of their own (OWASP Authentication Cheat Sheet, device
 * cookies). Accounts go by a keyed hash of their address, the same whether there is such an account or not.
 */
export function createKnownDevices(deps: { keys: KeyRing; now: () => Date }) {
  const { keys, now } = deps;
  const mac = (key: KeyObject, purpose: string, value: string): Buffer =>
    createHmac('sha256', key).update(`${purpose}:${value}`).digest();
  const nowS = () => Math.floor(now().getTime() / 1000);

  const accountOf = (email: string): string =>
    mac(keys.current.key, 'account', email).subarray(0, 16).toString('base64url');

  const read = (cookie: string | undefined): Device | undefined => {
    const [id, expires, accounts, signature] = cookie?.split('.') ?? [];
    if (!id || !expires || !accounts || !signature) return undefined;
    const given = Buffer.from(signature, 'base64url');
    const genuine = [...keys.byId.values()].some((key) => {
      const expected = mac(key, 'device', `${id}.${expires}.${accounts}`);
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
    if (!genuine || Number(expires) <= nowS()) return undefined;
    return { id, expiresS: Number(expires), accounts: accounts.split('~') };
  };

  return {
    /** How an account is called where its address must not stand: in counters, logs and the audit trail. */
    accountOf,

    /** The name of the pair of this device and account; undefined when they have not met. */
    knows(cookie: string | undefined, account: string): string | undefined {
      const device = read(cookie);
      return device?.accounts.includes(account) ? `${device.id}:${account}` : undefined;
    },

    /** The cookie's value after a sign-in to this account, and how long it is kept. */
    remember(cookie: string | undefined, account: string): { value: string; maxAgeS: number } {
      const before = read(cookie);
      const others = before?.accounts.filter((known) => known !== account) ?? [];
      const accounts = [account, ...others].slice(0, MAX_ACCOUNTS).join('~');
      const id = before?.id ?? randomBytes(12).toString('base64url');
      const content = `${id}.${nowS() + REMEMBER_S}.${accounts}`;
      const signature = mac(keys.current.key, 'device', content).toString('base64url');
      return { value: `${content}.${signature}`, maxAgeS: REMEMBER_S };
    },
  };
}

export type KnownDevices = ReturnType<typeof createKnownDevices>;
