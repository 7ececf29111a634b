/**
 * What browsers give to secure contexts only (https, or localhost): on plain http under another name these objects are
 * not there at all, and code that takes them for granted throws. This file alone touches them and says what is done
 * instead; `architecture.test.ts` keeps the rest of the app from it.
 */

/** A random UUID of version 4 (RFC 9562, section 5.4). `crypto.getRandomValues` exists in every context. */
export const newId = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/**
 * Runs one task at a time over all tabs of this browser. Without locks each tab has a line of its own, and the
 * server's grace for concurrent renewals has to do.
 */
export const createExclusive = (name: string): (<T>(task: () => Promise<T>) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve();
  return async (task) => {
    if (navigator.locks) return await navigator.locks.request(name, task);
    const mine = last.then(task, task);
    last = mine;
    return await mine;
  };
};

/** Whether the browser keeps a cookie marked Secure that comes to this page. Safari keeps none on plain localhost. */
export const keepsSecureCookies = (): boolean => isSecureContext;
