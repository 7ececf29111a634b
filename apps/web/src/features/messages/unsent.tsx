import { createDrafts, createOutgoing, type Drafts, type OutgoingMessages } from '@plinth/client/sync';
import type { Message } from '@plinth/contracts';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { createExclusive, newId } from '../../app/secure-context.ts';
import { useServices } from '../../app/services.tsx';
import { useUser } from '../auth/index.tsx';
import { shelvesOf } from './browser-stores.ts';

export interface Unsent {
  readonly outgoing: OutgoingMessages<Message>;
  readonly drafts: Drafts;
}

const UnsentContext = createContext<Unsent | undefined>(undefined);

/** What this person has written and not sent, over all channels; goes on sending whichever page is open. */
export function UnsentProvider({ children }: { readonly children: ReactNode }) {
  const { client, session, realtime } = useServices();
  const { id: userId } = useUser();
  const [unsent] = useState((): Unsent => {
    const shelves = shelvesOf(userId);
    const now = () => Date.now();
    return {
      outgoing: createOutgoing<Message>({
        shelf: shelves.outgoing,
        post: (params, body) => client.messages.postMessage({ params, body }),
        exclusively: createExclusive(`plinth:outgoing:${userId}`),
        newId,
        now,
        later: (ms, task) => {
          const timer = setTimeout(task, ms);
          return () => clearTimeout(timer);
        },
        random: Math.random,
      }),
      drafts: createDrafts({ shared: shelves.drafts, own: shelves.tabDrafts, now }),
    };
  });

  useEffect(() => {
    const { outgoing, drafts } = unsent;
    outgoing.start();
    const onStorage = ({ key, oldValue, newValue }: StorageEvent) => {
      if (key === null) return;
      outgoing.changedElsewhere(key);
      drafts.changedElsewhere({ key, before: oldValue, after: newValue });
    };
    addEventListener('storage', onStorage);
    addEventListener('online', outgoing.wake);
    const ends = [
      realtime.onStatus(() => realtime.status() === 'online' && outgoing.wake()),
      session.subscribe(() => {
        const state = session.state();
        // Who leaves leaves nothing behind; a session that only ended is taken up again.
        if (state.status !== 'signedOut' || state.reason !== 'left') return;
        outgoing.clear();
        drafts.clear();
      }),
    ];
    return () => {
      outgoing.stop();
      removeEventListener('storage', onStorage);
      removeEventListener('online', outgoing.wake);
      for (const end of ends) end();
    };
  }, [unsent, session, realtime]);

  return <UnsentContext value={unsent}>{children}</UnsentContext>;
}

export const useUnsent = (): Unsent => {
  const unsent = useContext(UnsentContext);
  if (!unsent) throw new Error('useUnsent needs an <UnsentProvider>: the messages feature brings it');
  return unsent;
};
