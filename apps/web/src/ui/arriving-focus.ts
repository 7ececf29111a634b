/** Where somebody is busy: in a menu, a dialog or a field. */
const BUSY = '[role=menu], dialog[open], input, textarea, select';

/**
 * Gives the focus to a part of a page that has just arrived, for keyboards and screen readers. A page that arrives
 * late, as after a redirect or on a slow line, leaves it to what somebody uses already: a menu would close.
 */
export const focusOnArrival = (element: HTMLElement | null): void => {
  if (document.activeElement?.closest(BUSY)) return;
  element?.focus({ preventScroll: true });
};
