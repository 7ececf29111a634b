import type { Rate } from '../config/index.ts';

/** A budget of events in a fixed window, for one socket. Returns whether one more fits. */
export function createEventBudget({ limit, windowMs }: Rate): () => boolean {
  let windowEnds = 0;
  let used = 0;
  return () => {
    const now = performance.now();
    if (now >= windowEnds) {
      windowEnds = now + windowMs;
      used = 0;
    }
    used += 1;
    return used <= limit;
  };
}
