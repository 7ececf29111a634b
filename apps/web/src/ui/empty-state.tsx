import type { ReactNode } from 'react';
import { Mark } from './logo.tsx';

interface EmptyStateProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** What stands where there is nothing yet, with the next step. */
export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <div className="m-auto flex max-w-sm flex-col items-center gap-3 px-6 py-12 text-center">
      <Mark className="size-14 text-line-strong" />
      <h2 className="text-xl font-semibold">{title}</h2>
      {children !== undefined && <p className="text-muted">{children}</p>}
      {action}
    </div>
  );
}
