import type { ReactNode } from 'react';
import { type LoadState, viewOf } from './load-state.ts';
import { ProblemBanner } from './problem-banner.tsx';

interface LoadedProps<T> {
  readonly query: LoadState<T> & { readonly refetch: () => unknown };
  readonly isEmpty: (data: T) => boolean;
  readonly loading: ReactNode;
  readonly empty: ReactNode;
  /** In place of the banner, where that has no room. */
  readonly failed?: (retry: () => void) => ReactNode;
  readonly className?: string;
  readonly children: (data: T) => ReactNode;
}

/** The one way to show what is loaded: loading, failed with a retry, empty or filled. */
export function Loaded<T>({ query, isEmpty, loading, empty, failed, className, children }: LoadedProps<T>) {
  const view = viewOf(query, isEmpty);
  const retry = () => void query.refetch();
  const problem = failed?.(retry) ?? (
    <ProblemBanner error={query.error} onRetry={retry} {...(className === undefined ? {} : { className })} />
  );
  switch (view) {
    case 'loading':
      return loading;
    case 'failed':
      return problem;
    case 'empty':
      return empty;
    case 'stale':
    case 'shown':
      return (
        <>
          {view === 'stale' && problem}
          {query.data !== undefined && children(query.data)}
        </>
      );
  }
}
