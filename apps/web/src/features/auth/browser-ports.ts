import type { Client } from '@plinth/client/core';
import { createExclusive, keepsSecureCookies } from '../../app/secure-context.ts';
import { cookieIn } from './csrf.ts';
import type { SessionPorts, TabMessage } from './session.ts';

const NAME = 'plinth:session';
const LEAVING = 'plinth:leaving';

/** Storage that the browser may refuse, as some do for all sites: then nothing is remembered. */
const stored = <T>(access: () => T): T | undefined => {
  try {
    return access();
  } catch {
    return undefined;
  }
};

const isTabMessage = (data: unknown): data is TabMessage =>
  typeof data === 'object' && data !== null && 'type' in data;

/** The session's surroundings in a real browser. */
export const browserPorts = (client: Pick<Client, 'auth' | 'users'>): SessionPorts => {
  const channel = new BroadcastChannel(NAME);
  return {
    client,
    cookie: (name) => cookieIn(document.cookie, name),
    keepsSecureCookies,
    leaving: {
      get: () => stored(() => localStorage.getItem(LEAVING) !== null) ?? false,
      set: (leaving) =>
        void stored(() => (leaving ? localStorage.setItem(LEAVING, '1') : localStorage.removeItem(LEAVING))),
    },
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
