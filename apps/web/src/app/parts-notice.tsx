import { useSyncExternalStore } from 'react';
import { Banner } from '../ui/banner.tsx';
import { Button } from '../ui/button.tsx';
import type { Parts } from './load-part.ts';

/** Says what a deployment has done to this page. */
export function PartsNotice({ parts }: { readonly parts: Parts }) {
  const state = useSyncExternalStore(parts.subscribe, parts.state);
  if (state === 'fine') return null;
  return (
    <div className="fixed inset-x-0 top-0 z-50 mx-auto max-w-xl p-3">
      {state === 'reloading' ? (
        <Banner tone="info" role="status">
          There is a new version of Plinth. This page is being loaded again…
        </Banner>
      ) : (
        <Banner
          tone="warning"
          action={
            <Button look="quiet" onClick={parts.reload}>
              Load again
            </Button>
          }
        >
          A part of this page is missing on the server, so it does not show what is new by itself. Load the
          page again in a moment.
        </Banner>
      )}
    </div>
  );
}
