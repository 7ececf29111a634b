import type { IncomingMessage } from 'node:http';
import { bearerOf, type VerifyAccessToken } from '../http/authenticate.ts';
import type { Holder } from '../http/rate-limit.ts';
import type { UserActor } from '../platform/context.ts';
import { type AppError, tooMany } from '../platform/errors.ts';
import type { Bucket, Limits } from '../platform/limits/index.ts';
import { clientKey, networkBuckets } from '../platform/limits/networks.ts';
import type { Metrics } from '../platform/metrics.ts';

/** Sockets of one address that have not said yet who they are. All people of an office may come back at once. */
const MAX_UNPROVEN = 500;
/**
 * All such sockets of this process: each holds a file descriptor and some memory. Those that come with a genuine token
 * have as many places again, which nobody takes from them who has none.
 */
const MAX_TOGETHER = 5000;
/** Longest time such a socket is counted, in milliseconds: longer than it may stay without saying who it is. */
const UNPROVEN_MS = 15_000;
/** Where an address has failed too often, one handshake at a time may try, on all instances together. */
const SLOW_LINE = { limit: 1, windowMs: 50 } as const;

/** Whose request this is, if it brings a genuine token or cookie of a session. */
export type HolderOf = (req: IncomingMessage) => Promise<Holder | undefined>;

/** By the access token in its header, as programs send it, or by the cookie, as browsers do. */
export const holderFinder =
  (verify: VerifyAccessToken, holderOfCookie: HolderOf): HolderOf =>
  async (req) => {
    const token = bearerOf(req.headers.authorization);
    if (token === undefined) return holderOfCookie(req);
    return verify(token).catch(() => undefined);
  };

/**
 * So many places for each key, and so many for all together. Whoever takes one gives it back, or loses it in time.
 * @returns takes a place, and says how to give it back; undefined when there is none
 */
export function createPlaces(each: number, together: number) {
  const held = new Map<string, number>();
  let all = 0;
  return (key: string): (() => void) | undefined => {
    const before = held.get(key) ?? 0;
    if (before >= each || all >= together) return undefined;
    held.set(key, before + 1);
    all += 1;
    let given = false;
    const release = () => {
      if (given) return;
      given = true;
      all -= 1;
      clearTimeout(timer);
      const left = (held.get(key) ?? 1) - 1;
      if (left > 0) held.set(key, left);
      else held.delete(key);
    };
    const timer = setTimeout(release, UNPROVEN_MS).unref();
    return release;
  };
}

interface Ticket {
  readonly address: string;
  /** Known before the handshake began; it was counted by it. */
  readonly session: string | undefined;
  /** Nothing is left to be counted. */
  settled: boolean;
  release(): void;
}

/** Codes that mean: whoever this is has no business here. What is our own fault counts against nobody. */
const FAILURES: ReadonlySet<string> = new Set(['unauthenticated', 'session_ended', 'forbidden']);

/**
 * Limits handshakes. Right ones count for their session alone, so that nobody at the same address can use up what
 * others need; only failed ones count for the address. It shows at the end which kind a handshake is: until then each
 * holds a place among those of its user or, where nobody knows whose it is, of its address.
 * @param perUser how many places a user has: as many as sockets
 */
export function createHandshakes(
  perUser: number,
  deps: {
    readonly addressOf: (req: IncomingMessage) => string;
    readonly limits: Limits;
    readonly metrics: Metrics;
    readonly holderOf: HolderOf;
  },
) {
  const { addressOf, limits, metrics, holderOf } = deps;
  const tickets = new WeakMap<IncomingMessage, Ticket>();

  const refuse = (what: string, waitMs: number): AppError => {
    metrics.rateLimited.inc({ class: 'handshake' });
    return tooMany(what, waitMs);
  };

  const failuresOf = (address: string): [Bucket, ...Bucket[]] =>
    networkBuckets('failed', address, limits.config.handshake.rate);

  const placeOfUser = createPlaces(perUser, MAX_TOGETHER);
  const placeOfAddress = createPlaces(MAX_UNPROVEN, MAX_TOGETHER);
  /** A place until it is known who this is. @returns how to give it back */
  const place = (address: string, holder: Holder | undefined): (() => void) => {
    const release = holder
      ? placeOfUser(holder.userId ?? holder.sessionId)
      : placeOfAddress(clientKey(address));
    if (release) return release;
    const whose = holder ? 'you have opened' : 'of your address';
    throw refuse(`Too many sockets ${whose} have not said who they are`, 1000);
  };

  const countSession = async (session: string): Promise<void> => {
    const bucket = { key: `session:${session}`, rate: limits.config.session.rate };
    const { allowed, waitMs } = await limits.handshakes.take([bucket]);
    if (!allowed) throw refuse('This session has connected too often', waitMs);
  };

  const waitInLine = async (address: string): Promise<void> => {
    const failures = failuresOf(address);
    if ((await limits.handshakes.look(failures)) === 0) return;
    // The widest network: whoever owns many addresses waits in one line with all of them.
    const line = { key: `line:${failures.at(-1)?.key}`, rate: SLOW_LINE };
    const { allowed, waitMs } = await limits.handshakes.take([line]);
    if (!allowed) throw refuse('Too many failed connections from your address', waitMs);
  };

  /** One more failure of an address. @returns milliseconds until it may fail again; 0 when this one was within its budget */
  const countFailure = async (ticket: Ticket): Promise<number> => {
    ticket.settled = true;
    if (ticket.session !== undefined) return 0;
    return (await limits.handshakes.take(failuresOf(ticket.address))).waitMs;
  };

  return {
    /** Before anything is kept for a socket. @throws AppError rate_limited */
    async admit(req: IncomingMessage): Promise<void> {
      const address = addressOf(req);
      const holder = await holderOf(req);
      const session = holder?.sessionId;
      const release = place(address, holder);
      try {
        if (session === undefined) await waitInLine(address);
        else await countSession(session);
        tickets.set(req, { address, session, settled: false, release });
      } catch (error) {
        release();
        throw error;
      }
    },

    /** It is known now who this is. @throws AppError rate_limited */
    async right(req: IncomingMessage, { sessionId }: UserActor): Promise<void> {
      const ticket = tickets.get(req);
      if (!ticket) return;
      if (ticket.session !== sessionId) await countSession(sessionId);
      ticket.settled = true;
      ticket.release();
    },

    /** A socket was refused. @returns what it is told: after too many failures no longer why, but to wait */
    async wrong(req: IncomingMessage, error: AppError): Promise<AppError> {
      const ticket = tickets.get(req);
      if (!ticket || !FAILURES.has(error.code)) return error;
      const waitMs = await countFailure(ticket);
      return waitMs > 0 ? refuse('Too many failed connections from your address', waitMs) : error;
    },

    /** A connection has ended; one that never said who it is has failed. */
    ended(req: IncomingMessage): void {
      const ticket = tickets.get(req);
      if (!ticket) return;
      ticket.release();
      if (!ticket.settled) void countFailure(ticket);
    },
  };
}

export type Handshakes = ReturnType<typeof createHandshakes>;
