import type { Client } from '@plinth/client/core';
import { createExclusive } from '../../app/secure-context.ts';
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
    exclusively: createExclusive(NAME),
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
