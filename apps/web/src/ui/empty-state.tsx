import type { ComponentType, ReactNode } from 'react';
import { Mark } from './logo.tsx';

interface EmptyStateProps {
  readonly title: string;
  /** What the title is; the heading of the page where nothing else stands on it. */
  readonly Heading?: 'h2' | ComponentType<{ readonly className: string; readonly children: ReactNode }>;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** What stands where there is nothing yet, with the next step. */
export function EmptyState({ title, Heading = 'h2', children, action }: EmptyStateProps) {
  return (
    <div className="m-auto flex max-w-sm flex-col items-center gap-3 px-6 py-12 text-center">
      <Mark className="size-14 text-line-strong" />
      <Heading className="text-xl font-semibold">{title}</Heading>
      {children !== undefined && <p className="text-muted">{children}</p>}
      {action}
    </div>
  );
}
