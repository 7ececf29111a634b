/** Numbers from a seed, the same at every run (mulberry32). */
export const createRandom = (seed: number) => {
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    random,
    chance: (probability: number) => random() < probability,
    below: (bound: number) => Math.floor(random() * bound),
    pick: <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)],
  };
};

export type Random = ReturnType<typeof createRandom>;

/** Lets every promise that can go on do so. */
export const settle = async () => {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
};

/** Time that passes only when it is told to. */
export const createClock = () => {
  let now = 0;
  let timers: { readonly at: number; readonly task: () => void }[] = [];
  const nextTimer = () => timers.toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    later: (ms: number, task: () => void) => {
      const timer = { at: now + ms, task };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    pass: async (ms: number) => {
      const end = now + ms;
      for (let timer = nextTimer(); timer && timer.at <= end; timer = nextTimer()) {
        const due = timer;
        now = Math.max(now, due.at);
        timers = timers.filter((one) => one !== due);
        due.task();
        await settle();
      }
      now = end;
    },
  };
};

interface UnderWay {
  readonly goOn: () => void;
  readonly fail: () => void;
}

/** Calls that are under way: what happens to each, and when, is decided from outside. */
export const createNetwork = (failure: () => Error) => {
  let underWay: UnderWay[] = [];
  const add = (step: UnderWay) => {
    const remove = () => {
      underWay = underWay.filter((one) => one !== entry);
    };
    const entry: UnderWay = {
      goOn: () => {
        remove();
        step.goOn();
      },
      fail: () => {
        remove();
        step.fail();
      },
    };
    underWay.push(entry);
  };
  return {
    underWay: () => underWay,
    /** The request reaches the server in one step, its answer the client in another; each may get lost. */
    call: <T>(act: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        const fail = () => reject(failure());
        const answer = () => {
          try {
            const value = act();
            add({ goOn: () => resolve(value), fail });
          } catch (error) {
            add({ goOn: () => reject(error), fail });
          }
        };
        add({ goOn: answer, fail });
      }),
    /** Everything arrives, until nothing is under way. */
    drain: async () => {
      while (underWay.length > 0) {
        underWay[0]?.goOn();
        await settle();
      }
    },
  };
};
