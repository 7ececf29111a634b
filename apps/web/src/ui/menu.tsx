import { type ReactNode, useEffect, useRef, useState } from 'react';
import { classes } from './classes.ts';

interface MenuProps {
  readonly label: string;
  /** What the button shows. */
  readonly button: ReactNode;
  readonly buttonClass: string;
  /** Where the panel is, and the direction of what is in it. */
  readonly panelClass: string;
  readonly children: (close: () => void) => ReactNode;
}

/** A button that opens a panel of links and buttons; Escape, a click outside or leaving it closes the panel. */
export function Menu({ label, button, buttonClass, panelClass, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      trigger.current?.focus();
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('focusin', outside);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('focusin', outside);
      document.removeEventListener('keydown', onKey);
    };
  }, [open]);

  return (
    <div ref={root} className="relative min-w-0">
      <button
        ref={trigger}
        type="button"
        aria-label={label}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className={buttonClass}
      >
        {button}
      </button>
      {open && (
        <div
          className={classes(
            'absolute z-20 flex gap-0.5 rounded-md border border-line bg-surface p-1 text-ink shadow-raised',
            panelClass,
          )}
        >
          {children(() => setOpen(false))}
        </div>
      )}
    </div>
  );
}

/** Look of one line in a menu. */
export const menuItem =
  'flex min-h-10 w-full items-center gap-2.5 rounded-sm px-2.5 py-1.5 text-left hover:bg-sunken';
