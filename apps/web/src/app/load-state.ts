/** What a query knows; those of TanStack Query fit. */
export interface LoadState<T> {
  readonly data: T | undefined;
  readonly error: unknown;
}

export type LoadedView = 'loading' | 'failed' | 'empty' | 'shown' | 'stale';

/** One of five, never two: after a failure "nothing here" would be a guess, so it is never said then. */
export const viewOf = <T>({ data, error }: LoadState<T>, isEmpty: (data: T) => boolean): LoadedView => {
  const failed = error !== null && error !== undefined;
  if (data === undefined) return failed ? 'failed' : 'loading';
  if (isEmpty(data)) return failed ? 'failed' : 'empty';
  return failed ? 'stale' : 'shown';
};
