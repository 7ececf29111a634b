import { Emitter } from '@socket.io/redis-emitter';
import { TransportAwayError } from '../platform/outbox.ts';
import type { RedisClients } from '../platform/redis.ts';
import type { Broadcaster } from './rooms.ts';

/**
 * Broadcasts from a process that has no sockets of its own, through the Redis adapter's channels. The emitter drops
 * the promise of its PUBLISH, so it gets a client that remembers it: a failed one must reach the outbox relay,
 * which then tries again.
 */
export function createRedisBroadcaster(redis: RedisClients): Broadcaster {
  const send = async (say: (emitter: Emitter) => void): Promise<void> => {
    const sent: Promise<unknown>[] = [];
    const client = {
      publish: (channel: string, message: Buffer) => {
        sent.push(redis.publisher.publish(channel, message));
      },
    };
    say(new Emitter(client, { key: redis.channel('socket.io') }));
    await Promise.all(sent).catch((cause: unknown) => {
      throw new TransportAwayError('Redis did not take an event', { cause });
    });
  };
  return {
    broadcast: (room, event, payload) => send((emitter) => emitter.to(room).emit(event, payload)),
    disconnect: (room) => send((emitter) => emitter.in(room).disconnectSockets(true)),
    membershipChanged: (change) => send((emitter) => emitter.serverSideEmit('membership', change)),
  };
}
