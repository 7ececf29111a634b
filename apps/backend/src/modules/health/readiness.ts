interface Dependency {
  /** Without it the process is not ready. */
  readonly required: boolean;
  /** Rejects when the dependency does not answer; undefined when it is not configured. */
  readonly check?: (() => Promise<void>) | undefined;
}

interface CheckResult {
  readonly status: 'up' | 'down' | 'off';
  readonly required: boolean;
}

/** Longest time a dependency may take to answer. */
const CHECK_TIMEOUT_MS = 2000;
/** Whoever asks within this time gets the same answer, so that probes cannot become a load. */
const FRESH_MS = 250;

const inTime = (work: Promise<void>): Promise<void> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('no answer in time')), CHECK_TIMEOUT_MS);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
};

/** Whether this process should get requests: its dependencies answer and it is not shutting down. */
export function createReadiness(dependencies: Readonly<Record<string, Dependency>>) {
  let draining = false;

  const checkOne = async ({ required, check }: Dependency): Promise<CheckResult> => {
    if (!check) return { status: 'off', required };
    try {
      await inTime(check());
      return { status: 'up', required };
    } catch {
      return { status: 'down', required };
    }
  };

  const checkAll = () =>
    Promise.all(
      Object.entries(dependencies).map(async ([name, part]) => [name, await checkOne(part)] as const),
    );
  let last: { at: number; results: ReturnType<typeof checkAll> } | undefined;

  return {
    async look() {
      if (!last || performance.now() - last.at > FRESH_MS) {
        last = { at: performance.now(), results: checkAll() };
      }
      const results = await last.results;
      const checks = Object.fromEntries(results);
      const down = results.filter(([, { status }]) => status === 'down');
      const ready = !draining && down.every(([, { required }]) => !required);
      return { ready, status: down.length > 0 ? ('degraded' as const) : ('ready' as const), checks };
    },
    /** From now on not ready, for good. */
    drain: (): void => {
      draining = true;
    },
    draining: (): boolean => draining,
  };
}

export type Readiness = ReturnType<typeof createReadiness>;
