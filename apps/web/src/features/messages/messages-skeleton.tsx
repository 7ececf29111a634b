import { LoadingNote, Skeleton } from '../../ui/skeleton.tsx';

const LINES = ['w-3/5', 'w-2/5', 'w-4/5', 'w-1/3', 'w-1/2'];

export function MessagesSkeleton() {
  return (
    <div className="flex min-h-0 flex-1 flex-col justify-end gap-6 overflow-hidden px-4 py-4 sm:px-6">
      <LoadingNote>Loading messages</LoadingNote>
      {LINES.map((width) => (
        <div key={width} className="flex gap-3">
          <Skeleton className="size-9 h-9 shrink-0" />
          <div className="flex flex-1 flex-col gap-2.5 pt-1">
            <Skeleton className="w-28" />
            <Skeleton className={width} />
          </div>
        </div>
      ))}
    </div>
  );
}
