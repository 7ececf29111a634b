/** So many events in a window of so many milliseconds. */
export interface Rate {
  readonly limit: number;
  readonly windowMs: number;
}

const UNIT_MS = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** Reads `60/minute` or `10/5 minutes`; undefined when it is written otherwise. */
export function parseRate(text: string): Rate | undefined {
  const match = /^(\d{1,9})\s*\/\s*(\d{1,4})?\s*(second|minute|hour|day)s?$/.exec(text.trim());
  if (!match) return undefined;
  const [, limit, count = '1', unit] = match;
  const windowMs = Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  return Number(limit) > 0 && windowMs > 0 ? { limit: Number(limit), windowMs } : undefined;
}
