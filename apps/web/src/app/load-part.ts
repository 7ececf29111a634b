/** What became of the parts of the page that are loaded later. */
export type PartsState = 'fine' | 'reloading' | 'broken';

/** A part is not on the server although the server answers, and loading the page again has not helped. */
export class PartMissingError extends Error {
  override readonly name = 'PartMissingError';
}

const MISSING = 'A part of the page is not on the server.';

export interface PartPorts {
  /** Name of the entry script of the page as the server has it now; rejects when the server does not answer. */
  readonly servedEntry: () => Promise<string>;
  readonly reload: () => void;
  /** The entry for which this tab has been loaded again; survives that. */
  readonly reloadedFor: { readonly get: () => string | undefined; readonly set: (entry?: string) => void };
}

export type Parts = ReturnType<typeof createParts>;

/**
 * Loads parts of the page when they are needed. A deployment may have replaced the files that this page, older than
 * that, asks for: then the page is loaded again, once for each version, so that a broken deployment makes no loop.
 */
export const createParts = (ports: PartPorts) => {
  const listeners = new Set<() => void>();
  let state: PartsState = 'fine';
  const become = (next: PartsState) => {
    state = next;
    for (const listener of listeners) listener();
  };

  return {
    state: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    /**
     * Rejects with the error of the import while the server does not answer, which may be tried again, and with
     * `PartMissingError` when it answers without the part; does not settle while the page is loaded again.
     */
    loadPart: async <T>(load: () => Promise<T>): Promise<T> => {
      if (state === 'broken') throw new PartMissingError(MISSING);
      if (state === 'reloading') return await new Promise<never>(() => {});
      try {
        const part = await load();
        ports.reloadedFor.set(undefined);
        return part;
      } catch (cause) {
        const served = await ports.servedEntry().catch(() => {
          throw cause;
        });
        if (ports.reloadedFor.get() === served) {
          become('broken');
          throw new PartMissingError(MISSING, { cause });
        }
        ports.reloadedFor.set(served);
        become('reloading');
        ports.reload();
        return await new Promise<never>(() => {});
      }
    },

    /** At the wish of the person. */
    reload: ports.reload,
  };
};

const ENTRY = /<script[^>]+type="module"[^>]+src="([^"]+)"/;
const KEY = 'plinth:reloaded-for';

export const browserPartPorts: PartPorts = {
  servedEntry: async () => {
    const reply = await fetch('/', { cache: 'no-store', headers: { accept: 'text/html' } });
    const [, entry] = ENTRY.exec(await reply.text()) ?? [];
    if (!reply.ok || entry === undefined) throw new Error(`No page, but ${reply.status}`);
    return entry;
  },
  reload: () => location.reload(),
  reloadedFor: {
    get: () => sessionStorage.getItem(KEY) ?? undefined,
    set: (entry) =>
      entry === undefined ? sessionStorage.removeItem(KEY) : sessionStorage.setItem(KEY, entry),
  },
};
