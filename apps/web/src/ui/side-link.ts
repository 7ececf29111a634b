/**
 * Look of a link in the side bar; the router sets `aria-current` on the one of the page. Its mark is a border and not
 * a background, because forced colours take all backgrounds away.
 */
export const sideLink =
  'relative flex min-h-9 items-center gap-2.5 rounded-md px-2.5 py-1 text-side-muted hover:bg-side-raised hover:text-side-ink aria-[current=page]:bg-side-raised aria-[current=page]:font-medium aria-[current=page]:text-side-ink aria-[current=page]:before:absolute aria-[current=page]:before:inset-y-1.5 aria-[current=page]:before:-left-2 aria-[current=page]:before:rounded-r-sm aria-[current=page]:before:border-l-4 aria-[current=page]:before:border-copper';
