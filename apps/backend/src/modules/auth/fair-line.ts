import { AppError } from '../../platform/errors.ts';

/** Who asks, for fair shares. */
export interface Claim {
  /** Those of one network share its turns. */
  readonly network?: string;
  readonly account?: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

export interface FairLineOptions {
  /** Jobs done at the same time. */
  readonly atOnce: number;
  /** Jobs that may wait, of all together. */
  readonly waiting: number;
  /** Jobs of one account, waiting and being done. */
  readonly ofAccount: number;
}

interface Place {
  readonly network: string;
  go(): void;
  refuse(error: AppError): void;
}

const RETRY_S = 5;
const full = () =>
  new AppError('rate_limited', 'Too many people are signing in right now. Try again in a moment.', {
    retryAfterS: RETRY_S,
  });
const tooMany = () =>
  new AppError('rate_limited', 'Too many sign-ins to this account at the same time. Try again in a moment.', {
    retryAfterS: RETRY_S,
  });
// Nobody reads it; it is not the service's fault.
const gone = () => new AppError('request_timeout', 'The client has gone before its turn.');

/**
 * A line for work that is scarce. The networks in it take turns, whoever has how many in it; when it is full, the
 * newcomer of a network with fewer places takes the last one of the network with the most. So one client can fill the
 * line while nobody else wants anything, and delays others by one job each.
 */
export function createFairLine({ atOnce, waiting, ofAccount }: FairLineOptions) {
  /** By network, in the order of their next turns. */
  const lines = new Map<string, Place[]>();
  const accounts = new Map<string, number>();
  let running = 0;
  let size = 0;

  const leave = (place: Place): void => {
    const line = lines.get(place.network);
    const at = line?.indexOf(place) ?? -1;
    if (!line || at < 0) return;
    line.splice(at, 1);
    size -= 1;
    if (line.length === 0) lines.delete(place.network);
  };

  const next = (): Place | undefined => {
    const [turn] = lines;
    if (!turn) return undefined;
    const [network, line] = turn;
    const place = line[0] as Place;
    leave(place);
    // To the end of the round.
    if (lines.delete(network)) lines.set(network, line);
    return place;
  };

  /** @throws AppError rate_limited, when this network has as many places as any other */
  const makeRoom = (network: string): void => {
    if (size < waiting) return;
    const longest = [...lines.values()].reduce((a, b) => (b.length > a.length ? b : a), []);
    const last = longest.at(-1);
    if (!last || longest.length <= (lines.get(network)?.length ?? 0) + 1) throw full();
    leave(last);
    last.refuse(full());
  };

  const turn = (network: string, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const settled = () => signal?.removeEventListener('abort', onAbort);
      const place: Place = {
        network,
        go: () => {
          settled();
          resolve();
        },
        refuse: (error) => {
          settled();
          reject(error);
        },
      };
      const onAbort = () => {
        leave(place);
        place.refuse(gone());
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      lines.set(network, [...(lines.get(network) ?? []), place]);
      size += 1;
    });

  /** @throws AppError rate_limited */
  const enter = (account: string | undefined): void => {
    if (account === undefined) return;
    const own = accounts.get(account) ?? 0;
    if (own >= ofAccount) throw tooMany();
    accounts.set(account, own + 1);
  };
  const exit = (account: string | undefined): void => {
    if (account === undefined) return;
    const others = (accounts.get(account) ?? 1) - 1;
    if (others === 0) accounts.delete(account);
    else accounts.set(account, others);
  };

  return {
    /** Does the work when it is its turn. @throws AppError rate_limited when there is no room for it */
    async inTurn<T>(work: () => Promise<T>, { network = '', account, signal }: Claim = {}): Promise<T> {
      if (signal?.aborted) throw gone();
      enter(account);
      try {
        if (running < atOnce) running += 1;
        else {
          makeRoom(network);
          await turn(network, signal);
        }
        try {
          return await work();
        } finally {
          const following = next();
          if (following) following.go();
          else running -= 1;
        }
      } finally {
        exit(account);
      }
    },
  };
}
