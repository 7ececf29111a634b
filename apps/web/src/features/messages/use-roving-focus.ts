import { type KeyboardEvent, type RefObject, useRef, useState } from 'react';
import type { VirtualizerHandle } from 'virtua';
import type { Row } from './rows.ts';

/** Frames that a row may need to be measured and shown; before that it cannot take the focus. */
const PATIENCE = 20;

interface RovingFocus {
  /** Key of the one message that is a tab stop. */
  readonly active: string | undefined;
  readonly onFocus: (key: string) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** One tab stop for all messages; the arrow keys, Home and End go from one to the other. */
export const useRovingFocus = (
  rows: readonly Row[],
  scroller: RefObject<HTMLElement | null>,
  list: RefObject<VirtualizerHandle | null>,
  onLeave: () => void,
): RovingFocus => {
  const [chosen, setChosen] = useState<string>();
  const wanted = useRef<string>(undefined);
  const keys = rows.map(({ key }) => key);
  const active = chosen !== undefined && keys.includes(chosen) ? chosen : keys.at(-1);

  const focus = (key: string, patience = PATIENCE) => {
    if (wanted.current !== key) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`);
    row?.focus({ preventScroll: true });
    if (row === document.activeElement || patience === 0) return;
    requestAnimationFrame(() => focus(key, patience - 1));
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // Keys that were pressed in a field or on a button of a message belong to that.
    if (!(event.target instanceof HTMLElement) || event.target.dataset.row === undefined) return;
    const at = keys.indexOf(event.target.dataset.row);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: keys.length - 1 }[event.key];
    if (event.key === 'Escape') return onLeave();
    const key = to === undefined ? undefined : keys[to];
    if (key === undefined) return;
    event.preventDefault();
    setChosen(key);
    wanted.current = key;
    list.current?.scrollToIndex(keys.indexOf(key), { align: 'nearest' });
    requestAnimationFrame(() => focus(key));
  };

  return { active, onFocus: setChosen, onKeyDown };
};
