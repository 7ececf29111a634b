import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Row } from './rows.ts';

/** So near to the end counts as at the end, in pixels. */
const NEAR = 48;

/**
 * Keeps the place at which somebody reads: at the end the list follows new messages; further up it stays where it
 * is, also when older messages appear above, and `unseen` counts what others wrote meanwhile.
 */
export const useReadingPosition = (rows: readonly Row[], me: string) => {
  const scroller = useRef<HTMLElement>(null);
  const [atBottom, setAtBottom] = useState(true);
  const following = useRef(true);
  const before = useRef<{
    readonly first: string | undefined;
    readonly last: string | undefined;
    height: number;
  }>({
    first: undefined,
    last: undefined,
    height: 0,
  });
  const [lastSeen, setLastSeen] = useState<string>();

  const messages = rows.filter((row) => row.kind === 'message');
  const first = messages[0]?.key;
  const last = messages.at(-1);

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
    const element = scroller.current;
    if (!element) return;
    const written = last?.outgoing !== undefined && last.key !== before.current.last;
    if (following.current || written) toBottom();
    else if (first !== before.current.first && last?.key === before.current.last) {
      element.scrollTop += element.scrollHeight - before.current.height;
    }
    before.current = { first, last: last?.key, height: element.scrollHeight };
  }, [first, last, toBottom]);

  // The list becomes lower when the composer grows or a keyboard appears: the end stays in view.
  useEffect(() => {
    if (!scroller.current) return;
    const watcher = new ResizeObserver(() => following.current && toBottom());
    watcher.observe(scroller.current);
    return () => watcher.disconnect();
  }, [toBottom]);

  // What waits to be sent stands below what others write meanwhile, so it does not count as the end.
  const stored = messages.filter((row) => row.stored);
  const newest = stored.at(-1)?.key;
  useEffect(() => {
    if (atBottom) setLastSeen(newest);
  }, [atBottom, newest]);

  const seenAt = stored.findIndex(({ key }) => key === lastSeen);
  const unseen = atBottom ? 0 : stored.slice(seenAt + 1).filter(({ author }) => author.id !== me).length;

  return { scroller, onScroll, toBottom, atBottom, unseen };
};
