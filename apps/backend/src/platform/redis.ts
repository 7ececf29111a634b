import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

/** A publication that is not confirmed by then has failed; one in flight while Redis goes away never is. */
const PUBLISH_TIMEOUT_MS = 2000;

export interface RedisConfig {
  readonly url: string;
  /** Begins the name of every key and channel: installations may share one Redis. */
  readonly namespace: string;
  readonly commandTimeoutMs: number;
}

/**
 * One client for each kind of use, because they want opposite things when Redis is away:
 * - `commands`, on the path of requests: fails at once and is never retried
 * - `publisher` and `subscriber`, behind the requests: wait and reconnect for as long as it takes
 *
 * All of them may be created while Redis is down; each connects as soon as it can.
 */
export function createRedis(config: RedisConfig, deps: { logger: Logger; metrics: Metrics }) {
  const clients: Redis[] = [];
  const connect = (role: string, options: Omit<RedisOptions, 'replyMapping'>): Redis => {
    const client = new Redis(config.url, {
      connectionName: `${config.namespace}-${role}`,
      keyPrefix: `${config.namespace}:`,
      connectTimeout: 2000,
      disconnectTimeout: 500,
      keepAlive: 10_000,
      retryStrategy: (attempt) => Math.min(attempt * 100, 2000),
      ...options,
    });
    let reported = false;
    client.on('error', (error: Error) => {
      if (!reported)
        deps.logger.warn(
          { role, reason: error.message || error.name },
          'Redis does not answer; trying again in the background',
        );
      reported = true;
    });
    client.on('ready', () => {
      if (reported) deps.logger.info({ role }, 'Redis is back');
      reported = false;
      deps.metrics.redisUp.set({ role }, 1);
    });
    client.on('close', () => deps.metrics.redisUp.set({ role }, 0));
    clients.push(client);
    return client;
  };
  /** The adapter of the sockets drops the promises of what it publishes: one that fails must not end the process. */
  const forgiving = (client: Redis): Redis => {
    const publish = client.publish.bind(client);
    return Object.assign(client, {
      publish: (channel: string, message: string | Buffer) => {
        const sent = publish(channel, message);
        sent.catch(() => {});
        return sent;
      },
    });
  };
  const patient = { maxRetriesPerRequest: null, enableOfflineQueue: true } as const;
  return {
    commands: connect('commands', {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      commandTimeout: config.commandTimeoutMs,
      autoResendUnfulfilledCommands: false,
      enableAutoPipelining: true,
    }),
    publisher: forgiving(
      connect('publisher', {
        commandTimeout: PUBLISH_TIMEOUT_MS,
        ...patient,
        enableOfflineQueue: false,
        autoResendUnfulfilledCommands: false,
      }),
    ),
    subscriber: connect('subscriber', patient),
    /** The name of a channel in this namespace: `keyPrefix` concerns keys alone, PUBLISH and SUBSCRIBE name none. */
    channel: (name: string): string => `${config.namespace}:${name}`,
    close: async () => {
      await Promise.all(
        clients.map((client) => (client.status === 'ready' ? client.quit() : client.disconnect())),
      );
    },
  };
}

export type RedisClients = ReturnType<typeof createRedis>;

/** Resolves once the client is ready; at once when it already is. */
export const whenReady = (client: Redis): Promise<void> =>
  client.status === 'ready'
    ? Promise.resolve()
    : new Promise((resolve) => client.once('ready', () => resolve()));
