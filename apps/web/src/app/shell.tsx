import { useRouter } from '@tanstack/react-router';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { IconButton } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';
import { CloseIcon, MenuIcon } from '../ui/icons.tsx';
import { Wordmark } from '../ui/logo.tsx';

interface ShellProps {
  /** Content of the side bar, from top to bottom. */
  readonly side: ReactNode;
  readonly children: ReactNode;
}

/** The frame of a signed-in page: side bar and content. On a phone the side bar is a drawer. */
export function Shell({ side, children }: ShellProps) {
  const [open, setOpen] = useState(false);
  const router = useRouter();
  const opener = useRef<HTMLButtonElement>(null);
  const closer = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);

  useEffect(() => {
    if (open) closer.current?.focus();
    else if (wasOpen.current) opener.current?.focus();
    wasOpen.current = open;
  }, [open]);

  const close = useCallback(() => setOpen(false), []);
  // With every navigation of the person, not with one that a page makes by itself: that may come late (`Redirect`).
  useEffect(
    () =>
      router.history.subscribe(
        ({ action }: { action: { type: string } }) => action.type !== 'REPLACE' && close(),
      ),
    [router, close],
  );
  useEffect(() => {
    if (!open) return;
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && close();
    // A link to the page that is open already makes no entry in the history.
    const onLink = ({ target }: Event) => target instanceof Element && target.closest('a') && close();
    const wide = matchMedia('(min-width: 48rem)');
    document.addEventListener('keydown', onKey);
    document.addEventListener('click', onLink);
    wide.addEventListener('change', close);
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('click', onLink);
      wide.removeEventListener('change', close);
    };
  }, [open, close]);

  return (
    <div className="flex h-full flex-col md:flex-row">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-surface focus:px-4 focus:py-2 focus:text-ink"
      >
        Skip to content
      </a>
      <div
        inert={open}
        className="flex shrink-0 items-center gap-2 bg-side px-2 py-1.5 text-side-ink md:hidden"
      >
        <IconButton
          ref={opener}
          label="Open navigation"
          aria-expanded={open}
          aria-controls="side-bar"
          className="text-side-ink hover:bg-side-raised"
          onClick={() => setOpen(true)}
        >
          <MenuIcon className="size-5" />
        </IconButton>
        <Wordmark />
      </div>
      {open && (
        <button
          type="button"
          aria-label="Close navigation"
          tabIndex={-1}
          className="fixed inset-0 z-30 animate-arrive bg-shade md:hidden"
          onClick={close}
        />
      )}
      <div
        id="side-bar"
        className={classes(
          'z-40 flex w-72 shrink-0 flex-col bg-side text-side-ink forced-colors:border-r max-md:fixed max-md:inset-y-0 max-md:left-0 max-md:max-w-[85vw] max-md:duration-200',
          // Visible at once when it opens, because what is hidden cannot take the focus.
          open
            ? 'max-md:transition-[translate]'
            : 'max-md:invisible max-md:-translate-x-full max-md:transition-[translate,visibility]',
        )}
      >
        <div className="flex items-center justify-between px-4 pt-4 pb-2">
          <Wordmark />
          <IconButton
            ref={closer}
            label="Close navigation"
            className="text-side-ink hover:bg-side-raised md:hidden"
            onClick={close}
          >
            <CloseIcon />
          </IconButton>
        </div>
        {side}
      </div>
      <div inert={open} className="flex min-h-0 min-w-0 flex-1 flex-col">
        {children}
      </div>
    </div>
  );
}
