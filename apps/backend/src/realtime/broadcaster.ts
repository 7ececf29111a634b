import { Emitter } from '@socket.io/redis-emitter';
import type { RedisClients } from '../platform/redis.ts';
import type { Broadcaster } from './rooms.ts';

/**
 * Broadcasts from a process that has no sockets of its own, through the Redis adapter's channels. The emitter drops
 * the promise of its PUBLISH, so it gets a client that remembers it: a failed one must reach the outbox relay,
 * which then tries again.
 */
export function createRedisBroadcaster(redis: RedisClients): Broadcaster {
  return {
    async broadcast(room, event, payload) {
      const sent: Promise<unknown>[] = [];
      const client = {
        publish: (channel: string, message: Buffer) => {
          sent.push(redis.publisher.publish(channel, message));
        },
      };
      new Emitter(client).to(room).emit(event, payload);
      await Promise.all(sent);
    },
  };
}
