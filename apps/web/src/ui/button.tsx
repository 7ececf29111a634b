import type { ComponentProps, ReactNode } from 'react';
import { classes } from './classes.ts';
import { Spinner } from './skeleton.tsx';

const LOOKS = {
  primary: 'border border-transparent bg-accent text-on-accent hover:bg-accent-deep',
  quiet: 'border border-line-strong bg-surface text-ink hover:bg-sunken',
  danger: 'border border-danger bg-surface text-danger hover:bg-danger-wash',
} as const;

export interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: keyof typeof LOOKS;
  /** Shows that the work is going on; a second click does nothing meanwhile. */
  readonly busy?: boolean;
}

export function Button({
  look = 'primary',
  busy = false,
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={classes(
        'inline-flex min-h-10 items-center justify-center gap-2 rounded-md px-4 py-2 font-medium transition-colors disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:opacity-70',
        LOOKS[look],
        className,
      )}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

export interface IconButtonProps extends ComponentProps<'button'> {
  /** Its name for screen readers, also shown as a tool tip. */
  readonly label: string;
  readonly children: ReactNode;
}

export function IconButton({ label, className, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={classes(
        'inline-flex size-9 shrink-0 items-center justify-center rounded-md transition-colors disabled:cursor-not-allowed disabled:opacity-55',
        className ?? 'text-muted hover:bg-sunken hover:text-ink',
      )}
    >
      {children}
    </button>
  );
}
