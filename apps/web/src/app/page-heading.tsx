import { type ReactNode, useEffect, useRef } from 'react';

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
  useEffect(() => {
    if (!first) heading.current?.focus({ preventScroll: true });
    first = false;
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} className={className}>
      {children}
    </h1>
  );
}
