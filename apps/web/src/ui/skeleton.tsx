import { classes } from './classes.ts';

/** A grey bar in place of text that is on its way. */
export function Skeleton({ className }: { readonly className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={classes('block h-3.5 animate-breathe rounded-sm bg-line forced-colors:border', className)}
    />
  );
}

export function Spinner({ className = 'size-4' }: { readonly className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={classes(
        'inline-block animate-turn rounded-full border-2 border-current border-r-transparent',
        className,
      )}
    />
  );
}

/** Says to screen readers that something is loading while the eye sees skeletons. */
export function LoadingNote({ children }: { readonly children: string }) {
  return (
    <span role="status" className="sr-only">
      {children}
    </span>
  );
}
