import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';
import { ProblemBanner } from '../../app/problem-banner.tsx';
import { useServices } from '../../app/services.tsx';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Spinner } from '../../ui/skeleton.tsx';
import type { ConversationState } from './use-conversation.ts';

const onConnectionChange = (listener: () => void) => {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
};

/** Shorter interruptions are not worth a word, in milliseconds. */
const SHORT_MS = 1_200;

/** True when a condition has held for a while. */
const useLasting = (condition: boolean): boolean => {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!condition) return;
    const timer = setTimeout(() => setLasting(true), SHORT_MS);
    return () => {
      clearTimeout(timer);
      setLasting(false);
    };
  }, [condition]);
  return lasting;
};

interface ConnectionBannerProps {
  readonly state: ConversationState;
  /** Why nothing can be sent at the moment. */
  readonly unsent: unknown;
  readonly onRetry: () => void;
}

/**
 * The one banner of a conversation: the most important thing to know, or nothing. Whatever it says, what was written
 * is kept and goes out by itself.
 */
export function ConnectionBanner({ state, unsent, onRetry }: ConnectionBannerProps) {
  const { realtime } = useServices();
  const status = useSyncExternalStore(realtime.onStatus, realtime.status);
  const waiting = useLasting(status === 'reconnecting');
  const connected = useSyncExternalStore(onConnectionChange, () => navigator.onLine);
  const unread = useLasting(state.error !== undefined);

  // Without an earlier reading there is nothing to see below: that comes first.
  if (state.phase === 'failed')
    return <ProblemBanner error={state.error} className="m-3" onRetry={onRetry} />;
  if (!connected) {
    return <Notice>You are offline. What you write is kept and sent when the connection is back.</Notice>;
  }
  if (waiting) {
    return (
      <Notice action={<Spinner className="mt-1 size-4" />}>
        Reconnecting… New messages appear as soon as the connection is back.
      </Notice>
    );
  }
  const again = (
    <Button look="quiet" onClick={onRetry}>
      Try again
    </Button>
  );
  if (unsent !== undefined) {
    return (
      <Notice action={again}>
        The service does not take messages at the moment. What you write is kept and sent as soon as it does.
      </Notice>
    );
  }
  if (unread || state.deaf) {
    return <Notice action={again}>New messages may appear late at the moment.</Notice>;
  }
  return null;
}

function Notice({ action, children }: { readonly action?: ReactNode; readonly children: ReactNode }) {
  return (
    <Banner tone="warning" role="status" className="m-3 mb-0" action={action}>
      {children}
    </Banner>
  );
}
