import { useSyncExternalStore } from 'react';
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

interface ConnectionBannerProps {
  readonly deaf: boolean;
  readonly onListenAgain: () => void;
}

/** Says when new messages do not arrive by themselves. */
export function ConnectionBanner({ deaf, onListenAgain }: ConnectionBannerProps) {
  const { realtime } = useServices();
  const status = useSyncExternalStore(realtime.onStatus, realtime.status);
  const connected = useSyncExternalStore(onConnectionChange, () => navigator.onLine);

  if (!connected) {
    return (
      <Banner tone="warning" role="status" className="m-3 mb-0">
        You are offline. What you write is sent when the connection is back.
      </Banner>
    );
  }
  if (status === 'reconnecting') {
    return (
      <Banner
        tone="warning"
        role="status"
        className="m-3 mb-0 animate-late"
        action={<Spinner className="mt-1 size-4" />}
      >
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
