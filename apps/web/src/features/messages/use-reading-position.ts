import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Row } from './rows.ts';

/** So near to the end counts as at the end, in pixels. */
const NEAR = 48;

/**
 * Keeps the place at which somebody reads: at the end the list follows new messages; further up it stays where it
 * is, and `unseen` counts what others wrote meanwhile. `prepended` is true while older messages were put above: the
 * virtual list then keeps its distance from the end.
 */
export const useReadingPosition = (rows: readonly Row[], me: string) => {
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [atBottom, setAtBottom] = useState(true);
  const following = useRef(true);
  const [before, setBefore] = useState<{ first: string | undefined; last: string | undefined }>();
  const [lastSeen, setLastSeen] = useState<string>();

  const first = rows[0]?.key;
  const last = rows.at(-1);
  const lastKey = last?.key;
  const prepended =
    before?.first !== undefined && before.first !== first && rows.some(({ key }) => key === before.first);
  const written = last?.outgoing !== undefined && before !== undefined && lastKey !== before.last;

  const toBottom = useCallback(() => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    following.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    setAtBottom(following.current);
  }, []);

  useLayoutEffect(() => {
    if (written) following.current = true;
    if (following.current) toBottom();
    setBefore((known) =>
      known?.first === first && known?.last === lastKey ? known : { first, last: lastKey },
    );
  }, [first, lastKey, written, toBottom]);

  // The list becomes lower when the composer grows or a keyboard appears, and higher when rows are measured.
  useEffect(() => {
    const watcher = new ResizeObserver(() => following.current && toBottom());
    if (scroller.current) watcher.observe(scroller.current);
    if (content.current) watcher.observe(content.current);
    return () => watcher.disconnect();
  }, [toBottom]);

  // What waits to be sent stands below what others write meanwhile, so it does not count as the end.
  const stored = rows.filter((row) => row.stored);
  const newest = stored.at(-1)?.key;
  useEffect(() => {
    if (atBottom) setLastSeen(newest);
  }, [atBottom, newest]);

  const seenAt = stored.findIndex(({ key }) => key === lastSeen);
  const unseen = atBottom ? 0 : stored.slice(seenAt + 1).filter(({ author }) => author.id !== me).length;

  return { scroller, content, onScroll, toBottom, atBottom, unseen, prepended };
};
