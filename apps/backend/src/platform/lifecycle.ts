import type { Logger } from './logger.ts';

interface Closer {
  readonly name: string;
  readonly close: () => Promise<void> | void;
}

/** Time that closing one part may take, in milliseconds; what takes longer is left to the end of the process. */
const CLOSE_MS = 8000;

async function inTime(closing: Promise<void> | void): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not closed within ${CLOSE_MS} ms`)), CLOSE_MS);
  await Promise.race([closing, late]).finally(() => clearTimeout(timer));
}

/** Remembers everything with a life and closes it in reverse order of creation. */
export function createLifecycle(deps: { logger: Logger }) {
  const closers: Closer[] = [];
  let closing: Promise<void> | undefined;

  const closeAll = async () => {
    for (const { name, close } of closers.toReversed()) {
      try {
        await inTime(close());
        deps.logger.debug({ part: name }, 'Closed');
      } catch (error) {
        deps.logger.error({ err: error, part: name }, 'Closing failed; going on with the rest');
      }
    }
  };

  return {
    /** Registers what has just been created and hands it back. */
    add<T extends { close: () => Promise<void> | void }>(name: string, part: T): T {
      closers.push({ name, close: () => part.close() });
      return part;
    },
    /** Closes everything once, however often it is called. */
    close(): Promise<void> {
      closing ??= closeAll();
      return closing;
    },
  };
}

export type Lifecycle = ReturnType<typeof createLifecycle>;
