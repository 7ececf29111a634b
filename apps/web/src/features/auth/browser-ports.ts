import type { Client } from '@plinth/client/core';
import { csrfTokenIn } from './csrf.ts';
import type { SessionPorts, TabMessage } from './session.ts';

const NAME = 'plinth:session';

const isTabMessage = (data: unknown): data is TabMessage =>
  typeof data === 'object' && data !== null && 'type' in data;

/** The session's surroundings in a real browser. */
export const browserPorts = (client: Pick<Client, 'auth' | 'users'>): SessionPorts => {
  const channel = new BroadcastChannel(NAME);
  return {
    client,
    csrfToken: () => csrfTokenIn(document.cookie),
    // Locks exist in secure contexts only; on plain HTTP the server's grace for concurrent renewals has to do.
    exclusively: async (task) => (navigator.locks ? await navigator.locks.request(NAME, task) : await task()),
    tabs: {
      tell: (message) => channel.postMessage(message),
      hear: (listener) => {
        const onMessage = (event: MessageEvent<unknown>) => isTabMessage(event.data) && listener(event.data);
        channel.addEventListener('message', onMessage);
        return () => {
          channel.removeEventListener('message', onMessage);
          channel.close();
        };
      },
    },
    now: () => Date.now(),
    later: (ms, task) => {
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
  };
};
