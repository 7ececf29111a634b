import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import { InfoIcon, WarningIcon } from './icons.tsx';

const TONES = {
  danger: 'border-danger/40 bg-danger-wash text-danger',
  warning: 'border-warning/40 bg-warning-wash text-warning',
  info: 'border-accent/40 bg-accent-wash text-accent-deep',
} as const;

interface BannerProps {
  readonly tone: keyof typeof TONES;
  /** `alert` interrupts a screen reader, `status` waits. */
  readonly role?: 'alert' | 'status';
  readonly action?: ReactNode;
  /** A bar over the whole width instead of a box. */
  readonly wide?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Banner({ tone, role = 'alert', action, wide = false, className, children }: BannerProps) {
  const Icon = tone === 'info' ? InfoIcon : WarningIcon;
  return (
    <div
      role={role}
      className={classes(
        'flex flex-wrap items-start justify-end gap-3 px-4',
        wide ? 'border-b py-2' : 'rounded-md border py-3',
        TONES[tone],
        className,
      )}
    >
      <Icon className="mt-1 size-4 shrink-0" />
      <div className="min-w-52 flex-1 wrap-anywhere">{children}</div>
      {action}
    </div>
  );
}
