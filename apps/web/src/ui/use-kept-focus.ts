import { type RefObject, useEffect, useRef } from 'react';

/**
 * For a place whose parts disappear while they have the focus, as a line with the button that removed it: the focus
 * then goes to the place (which needs `tabIndex={-1}`) instead of to the beginning of the page.
 */
export const useKeptFocus = (): RefObject<HTMLElement | null> => {
  const place = useRef<HTMLElement>(null);
  const inside = useRef(false);

  useEffect(() => {
    const look = ({ target }: Event) => {
      inside.current = target instanceof Node && place.current?.contains(target) === true;
    };
    document.addEventListener('focusin', look);
    document.addEventListener('pointerdown', look);
    return () => {
      document.removeEventListener('focusin', look);
      document.removeEventListener('pointerdown', look);
    };
  }, []);

  // After every rendering: only then something can have gone.
  useEffect(() => {
    if (inside.current && document.activeElement === document.body) {
      place.current?.focus({ preventScroll: true });
    }
  });
  return place;
};
