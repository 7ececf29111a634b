import { type ReactNode, useEffect, useRef, useState } from 'react';
import { focusOnArrival } from '../ui/arriving-focus.ts';

/** Nothing has been navigated to yet: the browser itself announces the first page. */
let first = true;

/** A page's heading. It takes the focus after a navigation, so that keyboard and screen reader start at the page. */
export function PageHeading({
  className,
  children,
}: {
  readonly className?: string;
  readonly children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  // Remembered: StrictMode runs the effect twice for the same heading.
  const [isFirst] = useState(first);
  useEffect(() => {
    first = false;
    if (!isFirst) focusOnArrival(heading.current);
  }, [isFirst]);
  return (
    <h1 ref={heading} tabIndex={-1} className={className}>
      {children}
    </h1>
  );
}
