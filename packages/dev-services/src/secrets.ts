import { randomBytes } from 'node:crypto';

/** A password of 192 random bits that needs no escaping in a URL. */
export function randomPassword(): string {
  return randomBytes(24).toString('hex');
}
