import { useEffect, useState, useSyncExternalStore } from 'react';
import { useServices } from '../../app/services.tsx';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Spinner } from '../../ui/skeleton.tsx';

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
  readonly deaf: boolean;
  readonly onListenAgain: () => void;
}

/** Says when new messages do not arrive by themselves. */
export function ConnectionBanner({ deaf, onListenAgain }: ConnectionBannerProps) {
  const { realtime } = useServices();
  const status = useSyncExternalStore(realtime.onStatus, realtime.status);
  const waiting = useLasting(status === 'reconnecting');
  const connected = useSyncExternalStore(onConnectionChange, () => navigator.onLine);

  if (!connected) {
    return (
      <Banner tone="warning" role="status" className="m-3 mb-0">
        You are offline. What you write is sent when the connection is back.
      </Banner>
    );
  }
  if (waiting) {
    return (
      <Banner tone="warning" role="status" className="m-3 mb-0" action={<Spinner className="mt-1 size-4" />}>
        Reconnecting… New messages appear as soon as the connection is back.
      </Banner>
    );
  }
  if (deaf) {
    return (
      <Banner
        tone="warning"
        role="status"
        className="m-3 mb-0"
        action={
          <Button look="quiet" onClick={onListenAgain}>
            Try again
          </Button>
        }
      >
        New messages do not appear by themselves at the moment.
      </Banner>
    );
  }
  return null;
}
