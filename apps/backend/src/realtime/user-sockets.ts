import type { Redis } from 'ioredis';
import { createFallback } from '../platform/limits/fallback.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';

/** How often an instance says that it lives, and how long it is believed, in milliseconds. */
const BEAT_MS = 4000;
const ALIVE_MS = 15_000;
/** Nobody's sockets are remembered longer than this after the last one came: each ends with its access token. */
const KEEP_MS = 2 * 3_600_000;

/** One field for each socket, with the instance that holds it. */
const ENTER = `
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1`;

/**
 * Counts the open sockets of each user over all instances. A socket costs one command when it comes and one when it
 * goes; what an instance leaves behind when it is killed is found out by the missing beat of that instance, when
 * somebody would be refused for it. While Redis is away each instance counts for itself.
 */
export function createUserSockets(
  limit: number,
  deps: { readonly redis?: Redis | undefined; readonly logger: Logger; readonly metrics: Metrics },
) {
  const { redis } = deps;
  const here = new Map<string, Set<string>>();
  const orHere = redis && createFallback('sockets', { ...deps, redis });
  const keyOf = (userId: string) => `sockets:${userId}`;
  const aliveKey = (instance: string) => `instance:${instance}`;
  /** A new name after each outage: what could not be taken back under the old one ends with it. */
  let instance = crypto.randomUUID();
  let timer: NodeJS.Timeout | undefined;

  const enterHere = (userId: string, socketId: string): boolean => {
    const sockets = here.get(userId) ?? new Set();
    if (sockets.size >= limit) return false;
    here.set(userId, sockets.add(socketId));
    return true;
  };
  const leaveHere = (userId: string, socketId: string) => {
    const sockets = here.get(userId);
    if (sockets?.delete(socketId) && sockets.size === 0) here.delete(userId);
  };

  const enterShared = async (client: Redis, userId: string, socketId: string): Promise<boolean> =>
    (await client.eval(ENTER, 1, keyOf(userId), limit, socketId, instance, KEEP_MS)) === 1;

  /** Takes out the sockets of instances that live no more. */
  const forgetDead = async (client: Redis, userId: string): Promise<boolean> => {
    const holders = await client.hgetall(keyOf(userId));
    const instances = [...new Set(Object.values(holders))].filter((one) => one !== instance);
    const living = await Promise.all(instances.map((one) => client.exists(aliveKey(one))));
    const dead = new Set(instances.filter((_, n) => living[n] === 0));
    const gone = Object.keys(holders).filter((id) => {
      const holder = holders[id] ?? '';
      return dead.has(holder) || (holder === instance && !here.get(userId)?.has(id));
    });
    if (gone.length > 0) await client.hdel(keyOf(userId), ...gone);
    return gone.length > 0;
  };

  const beat = () => {
    if (redis?.status === 'ready') redis.set(aliveKey(instance), '1', 'PX', ALIVE_MS).catch(() => {});
  };
  const onReady = () => {
    instance = crypto.randomUUID();
    beat();
    for (const [userId, ids] of here)
      for (const id of ids) redis?.hset(keyOf(userId), id, instance).catch(() => {});
  };
  if (redis) {
    redis.on('ready', onReady);
    beat();
    timer = setInterval(beat, BEAT_MS).unref();
  }

  return {
    /** One more socket. @returns false when the user has as many as may be */
    async enter(userId: string, socketId: string): Promise<boolean> {
      if (!enterHere(userId, socketId)) return false;
      if (!redis || !orHere) return true;
      const entered = await orHere(
        async () => {
          const first = await enterShared(redis, userId, socketId);
          const counted =
            first || ((await forgetDead(redis, userId)) && (await enterShared(redis, userId, socketId)));
          return { counted };
        },
        () => true,
      );
      if (!entered) leaveHere(userId, socketId);
      return entered;
    },
    leave(userId: string, socketId: string): void {
      leaveHere(userId, socketId);
      // One that is not taken back is found by `forgetDead`.
      if (redis?.status === 'ready') redis.hdel(keyOf(userId), socketId).catch(() => {});
    },
    close(): void {
      clearInterval(timer);
      redis?.off('ready', onReady);
    },
  };
}

export type UserSockets = ReturnType<typeof createUserSockets>;
