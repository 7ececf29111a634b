import { useMatches } from '@tanstack/react-router';
import { type ReactNode, useSyncExternalStore } from 'react';
import { Banner } from '../ui/banner.tsx';
import { Spinner } from '../ui/skeleton.tsx';
import { useConnection } from './connection.tsx';
import { withWait } from './explain.ts';
import { useServices } from './services.tsx';

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /** What somebody writes on this page is kept and sent by itself when there is no connection. */
    readonly keepsWriting?: boolean;
  }
}

const WORDS = {
  offline: {
    writing: 'You are offline. What you write is kept and sent when the connection is back.',
    reading: 'You are offline. What you see is brought up to date when the connection is back.',
  },
  reconnecting: {
    writing: 'Reconnecting… New messages appear as soon as the connection is back.',
    reading: 'Reconnecting… What you see is brought up to date as soon as the connection is back.',
  },
} as const;

interface PageNoticeProps {
  /** What is worth saying when nothing more important is. */
  readonly otherwise: ReactNode;
}

/**
 * The one banner above every signed-in page: the most important thing to know, or nothing. While it speaks of the
 * connection, nothing else on the page does.
 */
export function PageNotice({ otherwise }: PageNoticeProps) {
  const { parts, realtime } = useServices();
  const connection = useConnection();
  const partsState = useSyncExternalStore(parts.subscribe, parts.state);
  const refusal = useSyncExternalStore(realtime.onStatus, realtime.refusal);
  const writes = useMatches({
    select: (matches) => matches.some(({ staticData }) => staticData.keepsWriting === true),
  });

  // A part is missing: that is said already, and explains the missing connection as well.
  if (partsState !== 'fine') return null;
  if (connection === 'fine') return otherwise;
  return (
    <Banner
      tone="warning"
      role="status"
      wide
      {...(connection === 'reconnecting' ? { action: <Spinner className="mt-1 size-4" /> } : {})}
    >
      {connection === 'reconnecting' && refusal
        ? `${withWait(refusal.detail, refusal.retryAfterS)} Until then new messages appear late; this page connects again by itself.`
        : WORDS[connection][writes ? 'writing' : 'reading']}
    </Banner>
  );
}
