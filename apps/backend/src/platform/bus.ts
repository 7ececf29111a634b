import { EventEmitter } from 'node:events';
import { z } from 'zod';
import type { Logger } from './logger.ts';
import type { RedisClients } from './redis.ts';

/** Signals between instances and what they carry. Each is a hint: whoever misses one finds the truth in PostgreSQL. */
const SIGNALS = {
  /** There are new outbox rows. */
  'outbox.added': z.object({}),
  /** These sessions have ended: refuse their access tokens, close their sockets. */
  'sessions.revoked': z.object({ sessionIds: z.array(z.uuid()) }),
};

type Signals = { [K in keyof typeof SIGNALS]: z.output<(typeof SIGNALS)[K]> };
type Signal = keyof Signals;

const Envelope = z.object({ from: z.string(), signal: z.string(), payload: z.unknown() });

/**
 * Best-effort signals to every instance, this one included: through Redis where there is one, in the process otherwise.
 * This process always hears its own signals at once, whether or not Redis is up.
 */
export function createBus(deps: { redis?: RedisClients | undefined; logger: Logger }) {
  const self = crypto.randomUUID();
  const local = new EventEmitter();
  const { redis } = deps;
  const ours = redis?.channel('bus') ?? '';

  const deliver = (raw: string) => {
    try {
      const { from, signal, payload } = Envelope.parse(JSON.parse(raw));
      if (from === self || !(signal in SIGNALS)) return;
      local.emit(signal, SIGNALS[signal as Signal].parse(payload));
    } catch (error) {
      deps.logger.warn({ err: error }, 'A signal from another instance could not be read');
    }
  };

  redis?.subscriber.on('message', (channel: string, raw: string) => {
    if (channel === ours) deliver(raw);
  });
  redis?.subscriber.subscribe(ours).catch((error: unknown) => {
    // ioredis subscribes again by itself after each reconnection; only a close in between ends up here.
    deps.logger.debug({ err: error }, 'Subscribing to signals was given up');
  });

  return {
    publish<S extends Signal>(signal: S, payload: Signals[S]): void {
      local.emit(signal, payload);
      redis?.publisher
        .publish(ours, JSON.stringify({ from: self, signal, payload }))
        .catch((error: unknown) => deps.logger.debug({ err: error, signal }, 'A signal was not sent'));
    },
    subscribe<S extends Signal>(signal: S, listener: (payload: Signals[S]) => void): () => void {
      local.on(signal, listener);
      return () => local.off(signal, listener);
    },
  };
}

export type Bus = ReturnType<typeof createBus>;
