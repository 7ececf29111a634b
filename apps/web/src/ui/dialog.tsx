import { type ReactNode, useEffectEvent, useId, useLayoutEffect, useRef } from 'react';
import { IconButton } from './button.tsx';
import { CloseIcon } from './icons.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /**
   * Gives the focus to where to go on, when that is not where it was: in `onClose` it would be refused, because all
   * but the dialog is inert as long as that is open.
   */
  readonly focusAfter?: () => void;
  readonly children: ReactNode;
}

/**
 * A modal dialog, open as long as it is rendered. The browser keeps the focus inside, closes on Escape and gives
 * the focus back to where it was; the first field is first in the document so that it gets the focus.
 */
export function Dialog({ title, onClose, focusAfter, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const closed = useEffectEvent(onClose);
  const goOn = useRef(focusAfter);
  useLayoutEffect(() => {
    goOn.current = focusAfter;
  });

  // A layout effect: its cleanup comes before the removal, for only a dialog in the document gives the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    // The browser tells of a closing in a later task: one of the cleanup below must not be taken for the person's,
    // when the dialog stands open again (StrictMode, hot reload) or is gone.
    const listening = new AbortController();
    const onClosed = () => {
      if (!element.open) closed();
    };
    element.addEventListener('close', onClosed, { signal: listening.signal });
    element.showModal();
    return () => {
      listening.abort();
      element.close();
      // After the commit, at whose end React gives the focus back to what had it before.
      queueMicrotask(() => goOn.current?.());
    };
  }, []);

  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      className="m-auto w-[min(28rem,calc(100vw-2rem))] rounded-lg border border-line bg-surface p-0 text-ink shadow-dialog"
    >
      <div className="relative flex flex-col gap-4 p-6">
        <h2 id={titleId} className="pr-10 text-xl font-semibold">
          {title}
        </h2>
        {children}
        <IconButton
          label="Close"
          className="absolute top-4 right-4 text-muted hover:bg-sunken"
          onClick={onClose}
        >
          <CloseIcon />
        </IconButton>
      </div>
    </dialog>
  );
}

interface ConfirmProps extends DialogProps {
  readonly confirm: ReactNode;
}

/** A question with a way back. */
export function ConfirmDialog({ children, confirm, ...dialog }: ConfirmProps) {
  return (
    <Dialog {...dialog}>
      {children}
      <div className="flex flex-wrap justify-end gap-3">{confirm}</div>
    </Dialog>
  );
}
