import { type ReactNode, useState } from 'react';
import { useConnection } from './connection.tsx';
import { isPassing } from './explain.ts';
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

/**
 * The last failure, also while it is tried again: what comes and goes with each attempt would be read to a blind person
 * each time.
 */
const useLastingError = ({ data, error }: LoadState<unknown>): unknown => {
  const [last, setLast] = useState<unknown>();
  const lasting = error ?? (data === undefined ? last : undefined);
  if (lasting !== last) setLast(lasting);
  return lasting;
};

/** The one way to show what is loaded: loading, failed with a retry, empty or filled. */
export function Loaded<T>({ query, isEmpty, loading, empty, failed, className, children }: LoadedProps<T>) {
  const connection = useConnection();
  const error = useLastingError(query);
  const view = viewOf({ data: query.data, error }, isEmpty);
  const retry = () => void query.refetch();
  const banner = () =>
    failed?.(retry) ?? (
      <ProblemBanner error={error} onRetry={retry} {...(className === undefined ? {} : { className })} />
    );
  // The notice of the page has said why, and that it mends itself.
  const isSaid = connection !== 'fine' && isPassing(error);
  switch (view) {
    case 'loading':
      return loading;
    case 'failed':
      return isSaid ? <LaterNote className={className} /> : banner();
    case 'empty':
      return empty;
    case 'stale':
    case 'shown':
      return (
        <>
          {view === 'stale' && !isSaid && banner()}
          {query.data !== undefined && children(query.data)}
        </>
      );
  }
}

/** Stands where something could not be loaded while the page's notice says that there is no connection. */
export function LaterNote({ className }: { readonly className?: string | undefined }) {
  return <p className={className ?? 'p-2.5 text-sm'}>This appears when the connection is back.</p>;
}
