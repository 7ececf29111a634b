import type { KeyStore } from '../storage.ts';

/** A browser's storage in memory; `limit` is the largest number of characters that it takes. */
export const createKeyStore = (
  limit = Number.POSITIVE_INFINITY,
): KeyStore & { readonly map: Map<string, string> } => {
  const map = new Map<string, string>();
  const size = () => [...map].reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  return {
    map,
    get: (key) => map.get(key) ?? null,
    set: (key, value) => {
      const before = map.get(key);
      map.set(key, value);
      if (size() <= limit) return;
      if (before === undefined) map.delete(key);
      else map.set(key, before);
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    },
    remove: (key) => void map.delete(key),
    keys: () => [...map.keys()],
  };
};
