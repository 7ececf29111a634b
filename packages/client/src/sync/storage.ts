/** Where texts outlive a page: `localStorage` or `sessionStorage` in a browser. Each call may throw. */
export interface KeyStore {
  readonly get: (key: string) => string | null;
  readonly set: (key: string, value: string) => void;
  readonly remove: (key: string) => void;
  readonly keys: () => readonly string[];
}

/** A change that another page made to the same store; null for what is not there. */
export interface ForeignChange {
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface Shelf {
  readonly get: (name: string) => unknown;
  /** False when it could not be kept: the store is full or forbidden. */
  readonly set: (name: string, value: unknown) => boolean;
  readonly remove: (name: string) => void;
  readonly entries: () => readonly (readonly [string, unknown])[];
  /** The name on this shelf that a key of the store means; undefined when it lies elsewhere. */
  readonly nameOf: (key: string) => string | undefined;
}

export const parsed = (text: string | null): unknown => {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    // Not written by us: the same as absent.
    return undefined;
  }
};

/** Values under one prefix of a store. A store that is full or forbidden loses nothing else: it only keeps nothing. */
export const createShelf = (store: KeyStore, prefix: string): Shelf => {
  const attempt = <T>(task: () => T, otherwise: T): T => {
    try {
      return task();
    } catch {
      return otherwise;
    }
  };
  const get = (name: string) => attempt(() => parsed(store.get(prefix + name)), undefined);
  const nameOf = (key: string) => (key.startsWith(prefix) ? key.slice(prefix.length) : undefined);
  return {
    get,
    set: (name, value) =>
      attempt(() => {
        store.set(prefix + name, JSON.stringify(value));
        return true;
      }, false),
    remove: (name) => attempt(() => store.remove(prefix + name), undefined),
    entries: () =>
      attempt(() => store.keys(), [])
        .map(nameOf)
        .filter((name) => name !== undefined)
        .map((name) => [name, get(name)] as const),
    nameOf,
  };
};
